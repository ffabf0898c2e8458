import type { ReceivedResponse, SentRequest } from './exchange.ts';

/** Text for reports: without secrets, without characters that a terminal interprets, and not too long. */

const maxTextLength = 600;
/** Length of the text that is searched for secrets. It is more than the shown text and a secret at its end. */
const maxSearchedLength = 20_000;
/** Length from which secrets are masked anywhere. Masking shorter ones would also mask ordinary text. */
const minMaskedLength = 6;
const masked = '*****';

const secretWords = /secret|passw|token|api[-_]?key|private[-_]?key|credential|authorization|cookie/i;
/** Values that no secret has: nothing, a mask, and the words of switches such as `truncate_secrets`. */
const plainValue = /^([*\s]*|true|false|null)$/i;

/** Returns whether the value of a property, parameter or header with this name has to be masked. */
export const isSecretName = (name: string) => secretWords.test(name);

/** Start of a word, also behind an escape of JSON. */
const start = String.raw`(?:\b|(?<=\\[bfnrt]|\\u[\da-f]{4}))`;

/** Texts that look like secrets whatever their name is. */
const secretShapes: readonly RegExp[] = [
  new RegExp(String.raw`${start}Bearer\s+(?=\S*\d)[\w~+/.=-]{8,}`, 'gi'),
  new RegExp(String.raw`${start}eyJ[\w-]{8,}\.[\w-]+\.[\w-]*`, 'gi'),
  new RegExp(`${start}(?:sk|pk|rk|whsec|oar|ghp|gho|ghs|glpat|xox[abpr]|AKIA)[-_]?[A-Za-z0-9_-]{12,}`, 'g'),
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\/\/[^/\s:@]+:[^/\s@]+@/g,
];

/** Returns whether a word mixes upper case, lower case and digits at random, as keys do. */
const isRandom = (word: string) => /[a-z]/.test(word) && /[A-Z]/.test(word) && (word.match(/\d/g) ?? []).length >= 3;

const jsonProperty = /"((?:[^"\\]|\\.){1,100})"(\s*:\s*)"((?:[^"\\]|\\.)*)("|$)/g;
const queryPair = /([?&])([^=&\s]{1,100})=([^&\s]*)/g;

/** Returns the texts to mask for a secret: as it is, in JSON, in a URL, and in base64. None for a short one. */
export function formsOf(secret: string): string[] {
  if (secret.length < minMaskedLength) return [];
  const encoded = /\p{Surrogate}/u.test(secret) ? secret : encodeURIComponent(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encoded,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
}

/** Returns the texts to mask for a token: those of a secret, also where a server changes its case. */
export const formsOfToken = (token: string) =>
  [token, token.toLowerCase(), token.toUpperCase()].flatMap((text) => formsOf(text));

/** Masks the given texts, and texts that look like secrets. Ids and cursors at random stay. */
export function maskKnown(text: string, secrets: Iterable<string>): string {
  let result = text;
  for (const secret of secrets) result = result.replaceAll(secret, masked);
  for (const shape of secretShapes) result = result.replace(shape, masked);
  return result;
}

/** Masks the given texts, the values of names that look secret, and texts that look like secrets. */
export function maskSecrets(text: string, secrets: Iterable<string>): string {
  const result = maskKnown(text.slice(0, maxSearchedLength), secrets)
    .replace(jsonProperty, (all, name: string, colon: string, value: string, end: string) =>
      isSecretName(name) && !plainValue.test(value) ? `"${name}"${colon}"${masked}${end}` : all,
    )
    .replace(queryPair, (all, start: string, name: string, value: string) =>
      isSecretName(name) && !plainValue.test(value) ? `${start}${name}=${masked}` : all,
    );
  const hidden = result.replace(/[\w+/=-]{20,}/g, (word) => (isRandom(word) ? masked : word));
  return hidden + (text.length > maxSearchedLength ? '…' : '');
}

/** Control, format and separator characters, which a terminal obeys or does not show, and lone surrogates. */
const unsafe = /[\p{Cc}\p{Cf}\u2028\u2029\p{Surrogate}]/gu;

/** Replaces characters that a terminal would obey, line ends among them, by their escapes: `\u001b`. */
export const escapeControls = (text: string) =>
  text.replaceAll(unsafe, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** Masks secrets, cuts the text after 600 characters, and escapes control characters. */
export function toSafeText(text: string, secrets: Iterable<string>, maxLength = maxTextLength): string {
  const safe = maskSecrets(text, secrets);
  const cut = safe.length > maxLength ? `${safe.slice(0, maxLength)}… (${text.length} characters)` : safe;
  return escapeControls(cut);
}

/** Formats the headers of a request that are not the same in every request. */
function formatHeaders(headers: SentRequest['headers'], usualAuthorization: string): string {
  const { authorization } = headers;
  const shown = Object.entries(headers).filter(
    ([name, value]) => name !== 'authorization' && !(name === 'content-type' && value === 'application/json'),
  );
  if (authorization === undefined) shown.unshift(['authorization', '(none)']);
  else if (authorization !== usualAuthorization) shown.unshift(['authorization', authorization]);
  return shown.map(([name, value]) => ` [${name}: ${value}]`).join('');
}

/** Formats a request in one line of text without secrets. The token of the run is left out. */
export function formatRequest({ method, url, headers, body }: SentRequest, token: string, secrets: Iterable<string>) {
  const { pathname, search, hash } = new URL(url);
  const head = `${method} ${pathname}${search}${hash}${formatHeaders(headers, `Bearer ${token}`)}`;
  return toSafeText(`${head}${body === undefined ? '' : ` ${body}`}`, secrets);
}

/** Formats a response in one line of text without secrets. */
export function formatResponse({ status, headers, text }: ReceivedResponse, secrets: Iterable<string>): string {
  return toSafeText(`${status} ${headers.get('content-type') ?? ''} ${text}`, secrets);
}
