import type { IncomingMessage } from 'node:http';

/**
 * Returns every value of a header as it was sent, repetitions included. `headers` of Node joins or drops them.
 * @param name The name in lower case.
 */
export function listSentValues({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? '';
    if (sent.length === name.length && sent.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}
