import { decodeBody } from './bodies.ts';
import type { SentRequest } from './exchange.ts';
import type { RecordedExchange } from './passive.ts';

/** Reads recorded traffic: HTTP Archive (HAR) 1.2, entry by entry, so that a file of any size takes little memory. */

/** Length of an entry from which a file counts as no HAR. */
const maxEntryLength = 64 * 1024 * 1024;

/**
 * Error for a file that is no HAR.
 *
 * @example
 * const read = async () => {
 *   for await (const exchange of readHar(Readable.from(['no HAR']))) console.log(exchange?.request.method);
 * };
 * await read().catch((error) => console.log(error instanceof InvalidHar)); // true
 */
export class InvalidHar extends Error {
  override readonly name = 'InvalidHar';
}

/**
 * Splits JSON text into the texts of the objects of `log.entries`.
 *
 * @throws {InvalidHar} for text without entries, text that ends too early, and an entry longer than 64 MiB
 */
export async function* splitEntries(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let name = '';
  let entriesDepth = -1;
  let hasEntries = false;
  let pending = '';
  for await (const chunk of chunks) {
    let start = pending === '' ? -1 : 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const character = chunk[at];
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (character === '\\') isEscaped = true;
        else if (character === '"') isInString = false;
        else if (entriesDepth < 0 && depth === 2) name += character;
        continue;
      }
      if (character === '"') {
        isInString = true;
        if (entriesDepth < 0) name = '';
      } else if (character === '{' || character === '[') {
        if (entriesDepth < 0 && depth === 2 && character === '[' && name === 'entries') {
          [entriesDepth, hasEntries] = [depth + 1, true];
        } else if (depth === entriesDepth && character === '{') {
          start = at;
        }
        depth += 1;
      } else if (character === '}' || character === ']') {
        depth -= 1;
        if (depth === entriesDepth && character === '}') {
          yield pending + chunk.slice(start, at + 1);
          [pending, start] = ['', -1];
        } else if (depth < entriesDepth) entriesDepth = -1;
      }
    }
    if (start >= 0) pending += chunk.slice(start);
    if (pending.length > maxEntryLength) throw new InvalidHar('an entry is longer than 64 MiB');
  }
  if (!hasEntries || depth !== 0) throw new InvalidHar(hasEntries ? 'it ends too early' : 'it has no log.entries');
}

interface Pair {
  name: string;
  value: string;
}
interface Entry {
  request?: { method?: string; url?: string; headers?: Pair[]; postData?: { text?: string } };
  response?: {
    status?: number;
    headers?: Pair[];
    content?: { text?: string; encoding?: string; size?: number };
  };
}

/** Returns the headers with lower-case names. Names of HTTP/2 such as `:path` are left out. */
const toHeaders = (pairs: readonly Pair[] = []): [string, string][] =>
  pairs.filter(({ name }) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)).map(({ name, value }) => [name.toLowerCase(), value]);

function toExchange(text: string): RecordedExchange | undefined {
  const { request, response } = JSON.parse(text) as Entry;
  const { method, url = '', headers, postData } = request ?? {};
  const { status = 0, content = {} } = response ?? {};
  // A request without a response, and a response whose body was not recorded, cannot be checked.
  const isWithoutBody = content.text === undefined && (content.size ?? 0) > 0;
  if (method === undefined || !URL.canParse(url) || status < 100 || isWithoutBody) return undefined;
  const sent: SentRequest = { method, url, headers: Object.fromEntries(toHeaders(headers)), body: postData?.text };
  const body = Buffer.from(content.text ?? '', content.encoding === 'base64' ? 'base64' : 'utf8');
  const received = new Headers();
  for (const [name, value] of toHeaders(response?.headers)) received.append(name, value.replaceAll(/[\r\n\0]/g, ' '));
  return { request: sent, response: { status, headers: received, ...decodeBody(body) } };
}

/**
 * Reads the exchanges of a HAR, one after the other; undefined for an entry that cannot be checked.
 *
 * @throws {InvalidHar} for text that is no HAR
 * @example
 * const chunks = Readable.from(['{"log":{"entries":[]}}']);
 * for await (const exchange of readHar(chunks)) console.log(exchange?.request.method);
 */
export async function* readHar(chunks: AsyncIterable<string>): AsyncGenerator<RecordedExchange | undefined> {
  for await (const text of splitEntries(chunks)) {
    try {
      yield toExchange(text);
    } catch {
      throw new InvalidHar('an entry is not valid');
    }
  }
}
