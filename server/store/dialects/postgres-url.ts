/** Reads URLs of PostgreSQL as libpq does: several hosts, TLS, channel binding. */
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import { DatabaseUrlError, splitPostgresUrl } from '../database-url.ts';

/** A way to reach the database: a host, with TLS or without. */
export interface Endpoint {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly ssl: false | ConnectionOptions;
}

/** The facts of a URL. */
export interface PostgresUrl {
  /** The ways to reach the database, in the order in which they are tried. */
  readonly endpoints: readonly Endpoint[];
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly options?: string;
  /** Whether a host that takes no writes is passed over. */
  readonly needsWrites: boolean;
  readonly channelBinding: 'disable' | 'prefer' | 'require';
}

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof sslModes)[number];

/** Reads a file that a parameter names. @throws DatabaseUrlError */
function readNamed(parameters: URLSearchParams, name: string): string | undefined {
  const file = parameters.get(name);
  if (file === null || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new DatabaseUrlError(`${name} in DATABASE_URL must name a file that this process can read.`);
  }
}

function oneOf<Value extends string>(
  parameters: URLSearchParams,
  name: string,
  values: readonly Value[],
  preset: Value,
): Value {
  const value = (parameters.get(name) ?? preset) as Value;
  if (!values.includes(value))
    throw new DatabaseUrlError(`${name} in DATABASE_URL must be one of ${values.join(', ')}.`);
  return value;
}

/** Reads the options of TLS. With a root certificate, `require` verifies the authority, as in libpq. */
function readTls(parameters: URLSearchParams, mode: SslMode): ConnectionOptions {
  const [isSystem, cert, key] = [
    parameters.get('sslrootcert') === 'system',
    readNamed(parameters, 'sslcert'),
    readNamed(parameters, 'sslkey'),
  ];
  if ((cert === undefined) !== (key === undefined))
    throw new DatabaseUrlError('sslcert and sslkey in DATABASE_URL must be set together.');
  if (isSystem && mode !== 'verify-full')
    throw new DatabaseUrlError('sslrootcert=system in DATABASE_URL needs sslmode=verify-full.');
  const ca = isSystem ? getCACertificates('system') : readNamed(parameters, 'sslrootcert');
  const verifiesAuthority = mode.startsWith('verify') || (mode === 'require' && ca !== undefined);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert, key }),
    ...(parameters.has('sslpassword') && { passphrase: parameters.get('sslpassword') ?? '' }),
    rejectUnauthorized: verifiesAuthority,
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}

/** Lists the ways that a mode of TLS allows, in the order in which libpq tries them. */
function listWays(parameters: URLSearchParams): readonly (false | ConnectionOptions)[] {
  const mode = oneOf(parameters, 'sslmode', sslModes, 'prefer');
  if (mode === 'disable') return [false];
  const tls = readTls(parameters, mode);
  if (mode === 'allow') return [false, tls];
  return mode === 'prefer' ? [tls, false] : [tls];
}

/** Reads a URL of PostgreSQL. @throws DatabaseUrlError */
export function readPostgresUrl(url: string): PostgresUrl {
  const { hosts, parameters, ...rest } = splitPostgresUrl(url);
  const ways = listWays(parameters);
  const attributes = oneOf(parameters, 'target_session_attrs', ['any', 'read-write', 'primary'], 'any');
  return {
    ...rest,
    ...(parameters.has('options') && { options: parameters.get('options') ?? '' }),
    // TLS has no meaning on a socket of this machine.
    endpoints: hosts.flatMap(({ host, port }) =>
      (host?.startsWith('/') ? [false as const] : ways).map((ssl) => ({ host, port, ssl })),
    ),
    needsWrites: attributes !== 'any',
    channelBinding: oneOf(parameters, 'channel_binding', ['disable', 'prefer', 'require'], 'prefer'),
  };
}
