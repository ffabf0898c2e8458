import type { SentRequest } from './exchange.ts';

/** Longer runs of one character are not written out: a command line has an end. */
const longestRun = 200;

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const escapeQuoted = (text: string) => text.replaceAll(/["\\$`]/g, '\\$&');

/** A header; a token in it becomes the variable that holds it. */
function headerOption(name: string, value: string, tokens: Readonly<Record<string, string>>): string {
  for (const [variable, token] of Object.entries(tokens)) {
    const at = token === '' ? -1 : value.indexOf(token);
    if (at < 0) continue;
    const [before, after] = [value.slice(0, at), value.slice(at + token.length)].map(escapeQuoted);
    return `--header "${name}: ${before}\${${variable}}${after}"`;
  }
  return `--header ${quote(`${name}: ${value}`)}`;
}

const secretField = /("client_secret"\s*:\s*)("(?:[^"\\]|\\.)*")/g;

/**
 * A body that does the same without the secret: as long, and made of letters. The empty secret and the mask are no
 * secrets, and what is refused for being one of them has to stay so.
 */
function withoutSecret(body: string): string {
  return body.replace(secretField, (field, name: string, text: string) => {
    const secret: string = JSON.parse(text);
    return /[^*]/.test(secret) ? `${name}"${'s'.repeat([...secret].length)}"` : field;
  });
}

/** Pieces of text, each either to be written out or a run of one character. */
function splitRuns(text: string): { text: string; run?: number }[] {
  const runs = new RegExp(`([\\x20-\\x26\\x28-\\x7e])\\1{${longestRun},}`, 'g');
  const pieces: { text: string; run?: number }[] = [];
  let end = 0;
  for (const { 0: match, 1: character = '', index } of text.matchAll(runs)) {
    pieces.push({ text: text.slice(end, index) }, { text: character, run: match.length });
    end = index + match.length;
  }
  return [...pieces, { text: text.slice(end) }].filter((piece) => piece.text !== '');
}

/** A shell command that sends a request again. Tokens are variables; a client secret is another one of its length. */
export function toCurl(request: SentRequest, tokens: Readonly<Record<string, string>>): string {
  const { method, url, headers } = request;
  const options = [
    method === 'HEAD' ? '--head' : `--include --request ${method}`,
    `--url ${quote(url)}`,
    ...Object.entries(headers).map(([name, value]) => headerOption(name, value, tokens)),
  ];
  const command = ['curl', ...options].join(' ');
  if (request.body === undefined) return command;
  const body = withoutSecret(request.body);
  const pieces = splitRuns(body);
  if (pieces.every(({ run }) => run === undefined)) return `${command} --data-binary ${quote(body)}`;
  const writers = pieces.map(({ text, run }) =>
    run === undefined ? `printf %s ${quote(text)};` : `head -c ${run} /dev/zero | tr '\\0' ${quote(text)};`,
  );
  return `{ ${writers.join(' ')} } | ${command} --data-binary @-`;
}
