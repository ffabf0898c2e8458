import { createHash } from 'node:crypto';

/** The seed of every canary. */
export const seed = 20261122;

/** Texts that JSON, URLs, logs or base64 encode differently. */
const specialParts = ['', '"\\/', ' +%', 'é😀', '\n\t', '</script>', "' OR 1=1 --", '{"a":[1]}', '***', '\u2028='];

const random = (name: string, index: number) => createHash('sha256').update(`${seed} ${name} ${index}`).digest('hex');

/** Creates a unique text with special characters in the middle, so that its beginning is found in every encoding. */
export function makeCanary(name: string, index: number): string {
  const text = random(name, index);
  return text.slice(0, 24) + specialParts[index % specialParts.length] + text.slice(24, 48);
}

/** The number of characters of a canary that count as a leak. */
const minLeakLength = 12;

/** Lists the base64 forms of a text at each of the three byte offsets, without the characters that depend on other bytes. */
function listBase64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6));
  });
}

/** Lists the beginnings of all encodings of a canary. JSON and URLs do not change its beginning. */
function listBeginnings(canary: string): string[] {
  const base64 = listBase64Forms(canary);
  const base64Url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = Buffer.from(canary).toString('hex');
  const reversed = [...canary].reverse().join('');
  const forms = [canary, encodeURIComponent(canary), JSON.stringify(canary).slice(1, -1), reversed];
  return [...forms, ...base64, ...base64Url, hex, hex.toUpperCase()].map((form) => form.slice(0, minLeakLength));
}

/** Creates a function that finds canaries, in every encoding, in an output. */
export function createCanaryFinder(canaries: readonly string[]): (haystack: string | Buffer) => string[] {
  const beginnings = new Map(
    canaries.flatMap((canary) => listBeginnings(canary).map((text) => [text, canary] as const)),
  );
  // Two bytes rule out most places, which is faster than a look-up at each.
  const pairs = new Uint8Array(65_536);
  for (const text of beginnings.keys()) pairs[text.charCodeAt(0) * 256 + text.charCodeAt(1)] = 1;
  return (haystack) => {
    const bytes = Buffer.from(haystack);
    const found = new Set<string>();
    for (let at = 0; at + minLeakLength <= bytes.length; at++) {
      if (pairs[(bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)] === 0) continue;
      const canary = beginnings.get(bytes.toString('latin1', at, at + minLeakLength));
      if (canary !== undefined) found.add(canary);
    }
    return [...found];
  };
}
