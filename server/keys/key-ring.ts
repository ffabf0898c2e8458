import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** Where a secret lives. It is bound to that place: an envelope moved elsewhere does not open. Each column has a key of its own. */
export interface Place {
  accountId: string;
  rowId: string;
  column: string;
}

/** The keys that seal secrets: the first seals, all open. */
export interface KeyRing {
  /** The id of the key that seals. */
  readonly currentKeyId: string;
  /** The ids of the other keys. What they sealed still opens. */
  readonly retiredKeyIds: readonly string[];
  /** When the key ring was loaded. */
  readonly loadedAt: Date;
  /** Encrypts a secret (AES-256-GCM) into an envelope `v1.<kid>.<iv>.<ciphertext>.<tag>`. */
  seal(secret: string, place: Place): string;
  /** Decrypts an envelope. Throws `SealError` when it was tampered with, moved, or sealed under an unknown key. */
  open(envelope: string, place: Place): string;
  /** A keyed digest, `<kid>.<hmac>`: tells whether two texts are equal without keeping either. */
  fingerprint(text: string): string;
  /** Whether a fingerprint is this text's. False too when its key is no longer configured. */
  matches(text: string, fingerprint: string): boolean;
}

/** An envelope that does not open. Says why, never what was in it. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** Keys that cannot be used. The message says what to set. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const ivBytes = 12;
const authTagLength = 16;
const keyLine = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/;
const envelopeForm = /^v1\.([\w-]{1,32})\.([\w-]{16})\.([\w-]*)\.([\w-]{22})$/;

/** A line `kid:base64key` with a new random key, named after the day it was made. */
export function makeKeyLine(now: Date): string {
  const keyId = `k${now.toISOString().slice(0, 10).replaceAll('-', '')}${randomBytes(2).toString('hex')}`;
  return `${keyId}:${randomBytes(keyBytes).toString('base64')}`;
}

function parseKeys(text: string): Map<string, Buffer> {
  const lines = text.split(/[,\n]/).map((line) => line.trim());
  const keys = new Map<string, Buffer>();
  for (const [index, line] of lines.filter((line) => line !== '' && !line.startsWith('#')).entries()) {
    const [, keyId, key] = keyLine.exec(line) ?? [];
    if (keyId === undefined || key === undefined) {
      throw new KeyError(`secret key ${index + 1} is not kid:base64key with a key of ${keyBytes} bytes`);
    }
    if (keys.has(keyId)) throw new KeyError(`secret key ${index + 1} has the id of an earlier one`);
    keys.set(keyId, Buffer.from(key, 'base64'));
  }
  if (keys.size === 0) throw new KeyError('there is no secret key');
  return keys;
}

const bind = (keyId: string, { accountId, rowId, column }: Place) =>
  Buffer.from(JSON.stringify(['v1', keyId, accountId, rowId, column]));

/** Loads keys, `kid:base64key`, comma- or line-separated. Throws `KeyError` when there is no usable one. */
export function loadKeyRing(text: string, loadedAt: Date): KeyRing {
  const keys = parseKeys(text);
  const [currentKeyId = '', ...retiredKeyIds] = keys.keys();
  // Made once: ciphers take bytes, too, and then make such an object every time, at three times the cost of the rest.
  const derived = new Map<string, KeyObject>();
  /** The key for one purpose (HKDF, RFC 5869); undefined when there is no key with this id. */
  const keyFor = (keyId: string, purpose: string): KeyObject | undefined => {
    const key = keys.get(keyId);
    const name = `${keyId}:${purpose}`;
    if (key && !derived.has(name)) {
      const bytes = hkdfSync('sha256', key, '', `oauth-apps:v1:${purpose}`, keyBytes);
      derived.set(name, createSecretKey(Buffer.from(bytes)));
    }
    return derived.get(name);
  };
  const digest = (keyId: string, text: string): Buffer | undefined => {
    const key = keyFor(keyId, 'fingerprint');
    return key && createHmac('sha256', key).update(text).digest();
  };
  return {
    currentKeyId,
    retiredKeyIds,
    loadedAt,
    seal(secret, place) {
      const iv = randomBytes(ivBytes);
      const key = keyFor(currentKeyId, place.column) as KeyObject;
      const cipher = createCipheriv(algorithm, key, iv, { authTagLength });
      cipher.setAAD(bind(currentKeyId, place));
      const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
      return ['v1', currentKeyId, ...parts].join('.');
    },
    open(envelope, place) {
      const [, keyId, ...encoded] = envelopeForm.exec(envelope) ?? [];
      const parts = encoded.map((part) => Buffer.from(part, 'base64url'));
      const [iv, ciphertext, tag] = parts;
      if (keyId === undefined || !iv || !ciphertext || !tag) throw new SealError('not an envelope');
      // Base64 leaves bits over at the end; one spelling only, so that a flipped bit is seen there too.
      if (parts.some((part, index) => part.toString('base64url') !== encoded[index]))
        throw new SealError('not an envelope');
      const key = keyFor(keyId, place.column);
      if (key === undefined) throw new SealError('sealed under a key that is not configured');
      const decipher = createDecipheriv(algorithm, key, iv, { authTagLength });
      decipher.setAAD(bind(keyId, place)).setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
      } catch {
        throw new SealError('tampered with or moved');
      }
    },
    fingerprint: (text) => `${currentKeyId}.${digest(currentKeyId, text)?.toString('base64url')}`,
    matches(text, fingerprint) {
      const [keyId = '', kept = ''] = fingerprint.split('.');
      const expected = digest(keyId, text);
      const given = Buffer.from(kept, 'base64url');
      return expected !== undefined && expected.length === given.length && timingSafeEqual(expected, given);
    },
  };
}
