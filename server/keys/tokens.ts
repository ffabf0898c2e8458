import { hash, randomBytes } from 'node:crypto';
import { scopes } from '../../generated/lists.ts';

/** A permission of a token. */
export type Scope = (typeof scopes)[number];

/** The account of tokens that are made without an account. */
export const defaultAccount = 'default';
export const allScopes: readonly Scope[] = scopes;

const prefix = 'oar_';
const checksumLength = 6;
const minted = /^oar_([\w-]{43})([\w-]{6})$/;

const checksum = (random: string) => hash('sha256', `${prefix}${random}`, 'base64url').slice(0, checksumLength);

/** Returns a new token: the prefix `oar_`, 256 random bits, and a checksum that catches typos. */
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

/** Returns the SHA-256 of a token, which the store keeps. Tokens are random, so the hash cannot be guessed. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'hex');
}
