import pg from 'pg';
import { type LendingPool, lendingPool } from './lending-pool.ts';
import { type Endpoint, type PostgresUrl, readPostgresUrl } from './postgres-url.ts';

export interface PoolOptions {
  /** The number of connections at most. */
  readonly size: number;
}

const connectMilliseconds = 3_000;
/** The same for each of several hosts, so that the next one is tried within the deadline of a request. */
const connectOneMilliseconds = 1_000;
/** TCP keep-alive finds a broken connection even where a call has no deadline. */
const keepAliveMilliseconds = 10_000;
const int8 = 20;

/** The errors, by SQLSTATE or by Node's code, after which another way to reach the database may succeed. */
const tryNext =
  /^(?:08|57P|28000|25006|TLS_UNSUPPORTED|CONNECTION|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ERR_SSL)/;

/** An error of a connection, with a code as the database's own have one. */
class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code: string;
  constructor(code: string) {
    super('the connection cannot be used');
    this.code = code;
  }
}

/** The driver's errors without a code that are about the connection itself. */
const messages: readonly [pattern: RegExp, code: string][] = [
  [/does not support SSL connections/, 'TLS_UNSUPPORTED'],
  [/Connection terminated|timeout expired/, 'CONNECTION'],
];

/** Gives an error of the driver a code, where it has none. */
function withCode(error: unknown): unknown {
  const { code, message = '' } = error as { code?: string; message?: string };
  const known = code === undefined ? messages.find(([pattern]) => pattern.test(message)) : undefined;
  return known === undefined ? error : new ConnectionError(known[1]);
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

/** Ends a connection before it sends a password without channel binding. */
function requireChannelBinding({ connection }: pg.Client): void {
  let isBound = false;
  const refuse = () => {
    if (isBound) return;
    connection.emit('error', new ConnectionError('NO_CHANNEL_BINDING'));
    connection.stream.destroy();
  };
  connection.on('authenticationSASL', ({ mechanisms }: { mechanisms: string[] }) => {
    isBound = mechanisms.includes('SCRAM-SHA-256-PLUS');
    refuse();
  });
  for (const event of ['authenticationCleartextPassword', 'authenticationMD5Password', 'authenticationOk'])
    connection.on(event, refuse);
}

/** Makes the class of the pool's connections, each to the endpoint that is chosen when it is made. */
function clientClass({ channelBinding, endpoints, password }: PostgresUrl, choose: () => Endpoint) {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      const { host, port, ssl } = choose();
      super({
        ...config,
        // The pool hides the password from copies of its options.
        ...{ host, port, ssl, password },
        enableChannelBinding: ssl !== false && channelBinding !== 'disable',
        connectionTimeoutMillis: endpoints.length > 1 ? connectOneMilliseconds : connectMilliseconds,
      });
      if (channelBinding === 'require') requireChannelBinding(this);
    }
  };
}

/** Passes over a host that takes no writes. */
async function checkWrites(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
  if (rows[0]?.transaction_read_only !== 'off') throw new ConnectionError('25006');
}

/**
 * Opens a pool of connections. They are made with no setting but the application's name: poolers refuse others. A
 * connection goes to the endpoint that the last one reached; when it fails, the next endpoint is tried.
 * @throws DatabaseUrlError
 */
export function openPool(url: string, { size }: PoolOptions): LendingPool {
  const settings = readPostgresUrl(url);
  const { endpoints, user, database, options, needsWrites } = settings;
  let current = 0;
  const pool = new pg.Pool({
    ...{ user, database, options, max: size },
    Client: clientClass(settings, () => endpoints[current] as Endpoint),
    connectionTimeoutMillis: connectMilliseconds,
    // No timeout of the driver: it would lend a connection again while a statement still runs on it.
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMilliseconds,
    application_name: 'oauth-apps',
    ...(needsWrites && {
      verify: (client, done) => checkWrites(client).then(() => done(), done),
    }),
    // Row numbers fit a double. The driver returns text for bigint by default.
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') =>
        type === int8 ? Number : pg.types.getTypeParser(type, format as 'text'),
    },
  });
  // The pool replaces a connection that breaks while it is idle. Without listeners the error would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  const connect = async () => {
    for (let left = endpoints.length - 1; ; left -= 1) {
      const tried = current;
      try {
        return await pool.connect();
      } catch (thrown) {
        const error = withCode(thrown);
        if (!tryNext.test(codeOf(error))) throw error;
        if (current === tried) current = (tried + 1) % endpoints.length;
        if (left === 0) throw error;
      }
    }
  };
  return lendingPool(pool, connect);
}
