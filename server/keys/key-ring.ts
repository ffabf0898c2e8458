import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto';
import type { Envelope } from '../store/store.ts';

/**
 * The binding of a sealed secret, its additional authenticated data: an envelope that is copied to another account, row
 * or column does not open. Each column has a key of its own.
 */
export interface Binding {
  readonly accountId: string;
  readonly rowId: string;
  readonly column: string;
  /**
   * The version of the value: an older envelope of the same row does not open.
   * @default '', for envelopes of the form `v1`
   */
  readonly version?: string;
}

/**
 * The keys of the secrets: the first one seals, all of them open.
 * @example
 * const ring: KeyRing = loadKeyRing(makeKeyLine(new Date()), new Date());
 * console.log(ring.currentKeyId, ring.retiredKeyIds);
 */
export interface KeyRing {
  /** The id of the key that seals. */
  readonly currentKeyId: string;
  /** The ids of keys that sealed earlier and now only open. */
  readonly retiredKeyIds: readonly string[];
  /** The ids of keys that seal on servers that have restarted already, or soon will. Here they only open. */
  readonly comingKeyIds: readonly string[];
  /** The time when the key ring was loaded. */
  readonly loadedAt: Date;
  /** Encrypts a secret (AES-256-GCM) into an envelope `v1.<kid>.<iv>.<ciphertext>.<tag>`, or `v2.…` for a binding with a version. */
  seal(secret: string, binding: Binding): Envelope;
  /** Decrypts an envelope. @throws SealError when it was changed, has another binding, or its key is not configured. */
  open(envelope: string, binding: Binding): string;
  /** Returns a keyed digest of a text, `<kid>.<hmac>`, which compares texts without storing them. */
  fingerprint(text: string): string;
  /** Whether a fingerprint is that of this text; undefined when its key is not configured. */
  matches(text: string, fingerprint: string): boolean | undefined;
}

/** The failure to open an envelope. The message is the reason and holds nothing of the secret. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** Unusable keys. The message says what to set. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const ivBytes = 12;
const authTagLength = 16;
const keyLine = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/;
const envelopeForm = /^(v[12])\.([\w-]{1,32})\.([\w-]{16})\.([\w-]*)\.([\w-]{22})$/;

/**
 * Returns a line `kid:base64key` with a new random key, whose id starts with the date.
 * @example
 * console.log(makeKeyLine(new Date()).split(':').length); // 2
 */
export function makeKeyLine(now: Date): string {
  const keyId = `k${now.toISOString().slice(0, 10).replaceAll('-', '')}${randomBytes(2).toString('hex')}`;
  return `${keyId}:${randomBytes(keyBytes).toString('base64')}`;
}

function parseKeys(text: string): Map<string, Buffer> {
  const lines = text.split(/[,\n]/).map((line) => line.trim());
  const keys = new Map<string, Buffer>();
  for (const [index, line] of lines.filter((line) => line !== '' && !line.startsWith('#')).entries()) {
    const [, keyId = '', key] = keyLine.exec(line) ?? [];
    if (key === undefined) {
      throw new KeyError(`secret key ${index + 1} is not kid:base64key with a key of ${keyBytes} bytes`);
    }
    if (keys.has(keyId)) throw new KeyError(`secret key ${index + 1} has the id of an earlier one`);
    keys.set(keyId, Buffer.from(key, 'base64'));
  }
  if (keys.size === 0) throw new KeyError('there is no secret key');
  return keys;
}

const additionalData = (keyId: string, { accountId, rowId, column, version = '' }: Binding) =>
  Buffer.from(JSON.stringify([formOf(version), keyId, accountId, rowId, column, ...(version === '' ? [] : [version])]));

/** Returns the form of the envelopes of a binding. */
const formOf = (version = ''): 'v1' | 'v2' => (version === '' ? 'v1' : 'v2');

/** Returns the id of the key of an envelope or a fingerprint; undefined for other texts. */
export const keyIdOf = (sealed: string): string | undefined =>
  envelopeForm.exec(sealed)?.[2] ?? /^([\w-]{1,32})\.[\w-]{43}$/.exec(sealed)?.[1];

const drawn = Buffer.alloc(4_096);
let used = drawn.length;

/** Returns random bytes. They are drawn from the system by 4 KiB, because a draw takes 10 µs whatever its size. */
function drawBytes(count: number): Buffer {
  if (used + count > drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += count;
  return Buffer.from(drawn.subarray(used - count, used));
}

/** Makes a version for a new value. */
export const makeVersion = (): string => drawBytes(12).toString('base64url');

/**
 * Loads keys, `kid:base64key`, comma- or line-separated.
 * @param isComing Whether a key that is not the first one is about to become it. @default none is
 * @throws KeyError when a key is malformed, an id is repeated, or there is none.
 * @example
 * const ring = loadKeyRing([makeKeyLine(new Date()), makeKeyLine(new Date())].join(), new Date());
 * console.log(ring.retiredKeyIds.length); // 1
 */
export function loadKeyRing(text: string, loadedAt: Date, isComing = (_keyId: string) => false): KeyRing {
  const keys = parseKeys(text);
  const [currentKeyId = '', ...others] = keys.keys();
  // Derived once: a cipher that gets bytes makes a KeyObject of them each time, at three times the cost of the rest.
  const derived = new Map<string, KeyObject>();
  /** Returns the key for one purpose (HKDF, RFC 5869); undefined when no key has this id. */
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
    retiredKeyIds: others.filter((keyId) => !isComing(keyId)),
    comingKeyIds: others.filter(isComing),
    loadedAt,
    seal(secret, binding) {
      const iv = drawBytes(ivBytes);
      const key = keyFor(currentKeyId, binding.column) as KeyObject;
      const cipher = createCipheriv(algorithm, key, iv, { authTagLength });
      cipher.setAAD(additionalData(currentKeyId, binding));
      const ciphertext = cipher.update(secret, 'utf8');
      // Ends with nothing left: GCM has no blocks to fill.
      cipher.final();
      const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
      return [formOf(binding.version), currentKeyId, ...parts].join('.') as Envelope;
    },
    open(envelope, binding) {
      if (!envelopeForm.test(envelope)) throw new SealError('not an envelope');
      const [form, keyId = '', ...encoded] = envelope.split('.');
      const parts = encoded.map((part) => Buffer.from(part, 'base64url'));
      const [iv, ciphertext, tag] = parts as [Buffer, Buffer, Buffer];
      // Unused bits at the end of Base64 allow several spellings: only the canonical one opens.
      if (parts.some((part, index) => part.toString('base64url') !== encoded[index]))
        throw new SealError('not an envelope');
      if (form !== formOf(binding.version)) throw new SealError('of another form than its row says');
      const key = keyFor(keyId, binding.column);
      if (key === undefined) throw new SealError('sealed under a key that is not configured');
      const decipher = createDecipheriv(algorithm, key, iv, { authTagLength });
      decipher.setAAD(additionalData(keyId, binding)).setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
      } catch {
        throw new SealError('changed, of another row, or an older one put back');
      }
    },
    fingerprint: (text) => `${currentKeyId}.${digest(currentKeyId, text)?.toString('base64url')}`,
    matches(text, fingerprint) {
      const [keyId = '', stored = ''] = fingerprint.split('.');
      const expected = digest(keyId, text);
      const given = Buffer.from(stored, 'base64url');
      return expected && expected.length === given.length && timingSafeEqual(expected, given);
    },
  };
}
