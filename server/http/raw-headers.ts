import type { IncomingMessage } from 'node:http';

/**
 * Every value that a header was sent with, however often. Node joins or drops repetitions in `headers`, and sorts all
 * headers to find those of one name.
 */
export function sentValues({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? '';
    if (sent.length === name.length && sent.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}
