import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Encodes a value in DER (ITU-T X.690): tag, length, contents. */
function der(tag: number, ...contents: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(contents.map((content) => Buffer.from(content as string)));
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...contents: Buffer[]) => der(0x30, ...contents);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const octets = (content: Buffer) => der(0x04, content);
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content);
const time = (date: Date) => der(0x18, `${date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`);
const isTrue = der(0x01, Buffer.from([0xff]));

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const [commonName, basicConstraints, alternativeName] = [oid('550403'), oid('551d13'), oid('551d11')];

const nameOf = (name: string) => sequence(der(0x31, sequence(commonName, der(0x0c, name))));
/** Encodes the names of a host: a name of DNS, or an IPv4 address. */
const hostOf = (host: string) =>
  /^[\d.]+$/.test(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, host);

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface CertificateOptions {
  /** The names and addresses of the host. */
  readonly hosts?: readonly string[];
  /** @default false */
  readonly isExpired?: boolean;
}

const day = 86_400_000;
let serial = 0;

function build(
  subject: string,
  publicKey: KeyObject,
  issuer: { name: string; key: KeyObject },
  extension: Buffer,
  days: number,
) {
  serial += 1;
  const now = Date.now();
  const validity = sequence(time(new Date(now - 10 * day)), time(new Date(now + days * day)));
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    ecdsaWithSha256,
    nameOf(issuer.name),
    validity,
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const certificate = sequence(content, ecdsaWithSha256, bits(sign('sha256', content, issuer.key)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const makeKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const toPem = (key: KeyObject) => String(key.export({ type: 'pkcs8', format: 'pem' }));

/** Makes a certificate authority. */
export function makeAuthority(name: string) {
  const { publicKey, privateKey } = makeKeys();
  const issuer = { name, key: privateKey };
  const isAuthority = sequence(basicConstraints, isTrue, octets(sequence(isTrue)));
  return {
    cert: build(name, publicKey, issuer, isAuthority, 100),
    /** Issues a certificate of a host or of a user. */
    issue(subject: string, { hosts = [subject], isExpired = false }: CertificateOptions = {}): Certificate {
      const keys = makeKeys();
      const names = sequence(alternativeName, octets(sequence(...hosts.map(hostOf))));
      return { cert: build(subject, keys.publicKey, issuer, names, isExpired ? -1 : 100), key: toPem(keys.privateKey) };
    },
  };
}
