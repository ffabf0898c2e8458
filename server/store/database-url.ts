const sqliteUrl = /^sqlite:(?!\/\/)(.+)$/;
const postgresUrl =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<hosts>[^@/?]*)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/;
const hostAndPort = /^(?<host>\[[\da-f:.]+\]|[^:[\]]*)(?::(?<port>\d{1,5}))?$/i;

/** The parameters of libpq that are understood. */
const knownParameters = [
  ...['host', 'port', 'user', 'password', 'dbname', 'options', 'application_name', 'connect_timeout'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword', 'channel_binding', 'target_session_attrs'],
];

/** An unusable URL of a database. The message says what to set, and holds no value. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
}

/** Reads a URL that another variable than `DATABASE_URL` holds, which errors then name. @throws DatabaseUrlError */
export function readFrom<Result>(variable: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error;
    throw new DatabaseUrlError(error.message.replaceAll('DATABASE_URL', variable));
  }
}

/** Returns the file of a `sqlite:` URL; undefined for every other URL. */
export function sqliteFile(url: string): string | undefined {
  return sqliteUrl.exec(url)?.[1];
}

/** Whether a URL names a PostgreSQL database. */
export const isPostgres = (url: string): boolean => postgresUrl.test(url);

interface Host {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** Reads one host of a URL, with or without a port. @throws DatabaseUrlError */
function readHost(text: string): Host {
  const { host = '', port } = hostAndPort.exec(text)?.groups ?? {};
  if (host === '' && text !== '') throw new DatabaseUrlError('DATABASE_URL must name hosts as host:port,host:port.');
  return {
    host: host === '' ? undefined : decodeURIComponent(host).replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? undefined : Number(port),
  };
}

/** Splits a URL of PostgreSQL, which may name several hosts. @throws DatabaseUrlError */
export function splitPostgresUrl(url: string) {
  const { user, password, hosts = '', database, query = '' } = postgresUrl.exec(url)?.groups ?? {};
  const parameters = new URLSearchParams(query.replaceAll('+', '%2B'));
  if ([...parameters.keys()].some((name) => !knownParameters.includes(name)))
    throw new DatabaseUrlError(`DATABASE_URL has a parameter that is not one of ${knownParameters.join(', ')}.`);
  const decode = (text: string | undefined, name: string): string | undefined => {
    try {
      return (text && decodeURIComponent(text)) || parameters.get(name) || undefined;
    } catch {
      throw new DatabaseUrlError('DATABASE_URL must have special characters percent-encoded.');
    }
  };
  const ports = parameters.get('port')?.split(',') ?? [];
  const named = parameters.get('host')?.split(',') ?? hosts.split(',');
  return {
    hosts: named.map((text, index): Host => {
      const one = text.startsWith('/') ? { host: text, port: undefined } : readHost(text);
      const port = ports[index] ?? ports[0];
      return { host: one.host, port: one.port ?? (port === undefined ? undefined : Number(port)) };
    }),
    user: decode(user, 'user'),
    password: decode(password, 'password'),
    database: decode(database, 'dbname'),
    parameters,
  };
}

/** Returns a URL without user, password and parameters, which may be shown. */
export function describeDatabase(url: string): string {
  const { hosts, database } = postgresUrl.exec(url)?.groups ?? {};
  if (hosts === undefined) return url;
  return `${url.slice(0, url.indexOf(':'))}://${hosts}${database === undefined ? '' : `/${database}`}`;
}
