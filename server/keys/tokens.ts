import { hash, randomBytes } from 'node:crypto';
import { scopes } from '../../generated/lists.ts';

/** What a token may be allowed to do. */
export type Scope = (typeof scopes)[number];

/** The account of tokens that nobody named an account for. */
export const defaultAccount = 'default';
export const allScopes: readonly Scope[] = scopes;

const prefix = 'oar_';
const checksumLength = 6;
const minted = /^oar_([\w-]{43})([\w-]{6})$/;

const checksum = (random: string) => hash('sha256', `${prefix}${random}`, 'base64url').slice(0, checksumLength);

/** A new token: 256 random bits behind the prefix `oar_`, then a checksum that catches typos. */
export function mintToken(): string {
  const random = randomBytes(32).toString('base64url');
  return `${prefix}${random}${checksum(random)}`;
}

/** Whether a token looks minted here and yet cannot be: a typo, refused without asking the store. */
export function isMistyped(token: string): boolean {
  if (!token.startsWith(prefix)) return false;
  const [, random = '', sum] = minted.exec(token) ?? [];
  return sum !== checksum(random);
}

/** What the store keeps of a token. Tokens are random, so a plain SHA-256 cannot be reversed by guessing. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'hex');
}
