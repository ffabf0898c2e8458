import { hash, randomBytes } from 'node:crypto';
import { scopes } from '../../generated/lists.ts';

/**
 * A permission of a token.
 * @example
 * const scopes: Scope[] = ['read', 'write'];
 */
export type Scope = (typeof scopes)[number];

/** The account of tokens that are made without an account. */
export const defaultAccount = 'default';
export const allScopes: readonly Scope[] = scopes;

const prefix = 'oar_';
const checksumLength = 6;
const minted = /^oar_([\w-]{43})([\w-]{6})$/;

const checksum = (random: string) => hash('sha256', `${prefix}${random}`, 'base64url').slice(0, checksumLength);

/**
 * Returns a new token: the prefix `oar_`, 256 random bits, and a checksum that catches typos.
 * @example
 * console.log(mintToken().startsWith('oar_')); // true
 */
export function mintToken(): string {
  const random = randomBytes(32).toString('base64url');
  return `${prefix}${random}${checksum(random)}`;
}

/** Whether a token has the prefix and not its form or checksum: a typo, which needs no look-up. */
export function isMistyped(token: string): boolean {
  if (!token.startsWith(prefix)) return false;
  const [, random = '', sum] = minted.exec(token) ?? [];
  return sum !== checksum(random);
}

/** The token of the published pages. It is no secret. */
export const placeholderToken = 'YOUR_API_TOKEN';

/** The form that a bearer header can carry. @see RFC 6750, section 2.1 */
const bearerForm = /^[\w.~+/-]+=*$/;
const minLength = 32;
const minBits = 80;

/** Pairs of letters that words of European languages and rows of a keyboard are made of. */
const commonPairs = new Set(
  `th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne
  ea ra ce li ch ll be ma si om ur el la ta us ec ac di fo ho pe tr wh ow no ge ly wi ut sh ns et ee em ot pr ss so su ul
  ir ct rs op il im un ie ts po pa ad ca lo ai mo ke am id sa do wo ov ay ck rd pl ui qu ab ap ev ey cr ry my br ox qw we
  rt ty yu sd df fg gh hj jk kl zx xc cv vb bn nm`.split(/\s+/),
);
/** Random letters have a third of common pairs, words two thirds and more. */
const maxCommonPairs = 0.6;
const minPairs = 8;
const lettersOfDigits: Readonly<Record<string, string>> = { 0: 'o', 1: 'l', 3: 'e', 4: 'a', 5: 's', 7: 't' };

/** Whether the letters of a token look like words, also with digits in the place of letters. */
function looksLikeWords(token: string): boolean {
  if (/^[\da-f-]*$/i.test(token)) return false;
  const letters = token.toLowerCase().replaceAll(/[013457]/g, (digit) => lettersOfDigits[digit] ?? '');
  const pairs = Array.from(letters, (_letter, index) => letters.slice(index, index + 2));
  const ofLetters = pairs.filter((pair) => /^[a-z]{2}$/.test(pair));
  const common = ofLetters.filter((pair) => commonPairs.has(pair)).length;
  return ofLetters.length >= minPairs && common > maxCommonPairs * ofLetters.length;
}

/**
 * Estimates the random bits of a token from below. Characters that continue a run ('abcd', '1111') or repeat an earlier
 * part add nothing; every other one adds the bits of the variety that the token shows.
 */
function estimateBits(token: string): number {
  const variety = Math.log2(new Set(token).size);
  const isStep = (index: number) => Math.abs(token.charCodeAt(index) - token.charCodeAt(index - 1)) <= 1;
  const isPredictable = (_character: string, index: number) =>
    (isStep(index) && isStep(index - 1)) || token.slice(0, index).includes(token.slice(index - 2, index + 1));
  return variety * [...token].filter((character, index) => index < 2 || !isPredictable(character, index)).length;
}

/**
 * Returns the reason why a token that a person chose cannot be used; undefined when it can. The store keeps a plain hash,
 * which lets a reader of the database guess fast. So a token that can be guessed is rejected, and every lookup stays one
 * hash, for wrong tokens too.
 */
export function findTokenFault(token: string): string | undefined {
  if (!bearerForm.test(token)) return 'may have letters, digits and - . _ ~ + / only, with = at the end';
  if (isMistyped(token)) return 'begins with oar_ and has a typo';
  if (token.startsWith(prefix)) return undefined;
  const isRandom = /[A-Za-z]/.test(token) && !looksLikeWords(token) && estimateBits(token) >= minBits;
  if (token.length >= minLength && isRandom) return undefined;
  return `can be guessed: it needs ${minLength} random characters, letters and digits, such as \`openssl rand -base64 32\` makes`;
}

/** Returns the first characters of a minted token, by which its holder recognises it; undefined for another token. */
export const tokenPrefix = (token: string): string | undefined =>
  minted.test(token) ? token.slice(0, prefix.length + shownCharacters) : undefined;
const shownCharacters = 6;

/**
 * Returns the SHA-256 of a token, which the store keeps. Tokens are random, so the hash cannot be guessed.
 * @example
 * const token = mintToken();
 * const createdAt = new Date().toISOString();
 * await store.addToken({ id: 't1', accountId: 'acme', hash: hashToken(token), scopes: ['read'], createdAt });
 */
export function hashToken(token: string): string {
  return hash('sha256', token, 'hex');
}
