import { createHash } from 'node:crypto';

/** Of every canary. */
export const seed = 20261122;

/** Characters that are written differently in JSON, in URLs, in logs and in base64. */
const oddParts = ['', '"\\/', ' +%', 'é😀', '\n\t', '</script>', "' OR 1=1 --", '{"a":[1]}', '***', '\u2028='];

const random = (name: string, index: number) => createHash('sha256').update(`${seed} ${name} ${index}`).digest('hex');

/** A text that occurs nowhere by chance, odd in the middle: its ends are told apart whichever way it is written. */
export function makeCanary(name: string, index: number): string {
  const text = random(name, index);
  return text.slice(0, 24) + oddParts[index % oddParts.length] + text.slice(24, 48);
}

/** As many characters of a canary are a leak already. */
const tellingLength = 12;

/** The base64 of a text behind any number of other bytes, without what depends on its neighbours. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6));
  });
}

/** The beginnings of all that a canary may be written as. JSON and URLs leave its beginning as it is. */
function beginningsOf(canary: string): string[] {
  const base64 = base64Forms(canary);
  const base64Url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = Buffer.from(canary).toString('hex');
  const reversed = [...canary].reverse().join('');
  const forms = [canary, encodeURIComponent(canary), JSON.stringify(canary).slice(1, -1), reversed];
  return [...forms, ...base64, ...base64Url, hex, hex.toUpperCase()].map((form) => form.slice(0, tellingLength));
}

/** Finds canaries, in any form, in what came out of a server. */
export function createCanaryFinder(canaries: readonly string[]): (haystack: string | Buffer) => string[] {
  const beginnings = new Map(canaries.flatMap((canary) => beginningsOf(canary).map((text) => [text, canary] as const)));
  return (haystack) => {
    const text = haystack.toString('latin1');
    const found = new Set<string>();
    for (let at = 0; at + tellingLength <= text.length; at++) {
      const canary = beginnings.get(text.slice(at, at + tellingLength));
      if (canary !== undefined) found.add(canary);
    }
    return [...found];
  };
}
