import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject } from 'vitest';
import { createOAuthAppsClient } from '../../client/index.ts';
import { type AppDeps, assembleApp } from '../../server/app.ts';
import { description as bundle, type Description } from '../../server/description.ts';
import { trackConnections } from '../../server/http/connections.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { allScopes, defaultAccount, hashToken, mintToken, type Scope } from '../../server/keys/tokens.ts';
import { silentLog } from '../../server/log.ts';
import { withDeadline } from '../../server/store/deadline.ts';
import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';
import { loadValidators } from '../../server/validation/validators.ts';
import { createStoreDatabase, type TestDatabase } from './databases.ts';
import { timeLimit } from './time-limits.ts';

/** The bundle, as JSON text. */
export const description = JSON.stringify(bundle);

/**
 * Gives each call to a store a deadline of its own, longer on a busy machine, in place of the four seconds of a request.
 * A machine that stands still must not look like a database that does.
 */
function withPatience(store: Store): Store {
  const wrap = (value: unknown) =>
    typeof value === 'function' && value.constructor.name !== 'AsyncGeneratorFunction'
      ? (...args: unknown[]) => withDeadline(timeLimit(4_000), () => value(...args))
      : value;
  return Object.fromEntries(Object.entries(store).map(([name, value]) => [name, wrap(value)])) as unknown as Store;
}

/** Options of a new token. */
export interface TokenOptions {
  /** @default all scopes */
  scopes?: readonly Scope[];
  /** @default 'default' */
  accountId?: string;
}

/** Replacements of the app's dependencies. */
export interface ServerOptions extends Partial<AppDeps> {
  readonly secretKeys?: string;
  readonly description?: Description;
  /** Whether a thread writes to a SQLite file, as in a server process. @default false, which costs less CPU */
  readonly hasWriterThread?: boolean;
  /** Database of another server, which the other one removes. The server has a store of its own on it. */
  readonly database?: TestDatabase;
}

/**
 * Starts the real app on a new database and a free port. Without a database to test, the store is in memory.
 * Dispose of it with `await using`.
 */
export async function startServer({ hasWriterThread = false, ...deps }: ServerOptions = {}) {
  const database = deps.database ?? (await createStoreDatabase());
  const store =
    deps.store ??
    withPatience(await openStore(inject('store') === 'memory' ? 'sqlite::memory:' : database.url, { hasWriterThread }));
  const keyRing = deps.keyRing ?? loadKeyRing(deps.secretKeys ?? makeKeyLine(new Date()), new Date());
  const { log = silentLog, responseValidation = 'strict' } = deps;
  const app = await assembleApp(
    { ...deps, log, store, keyRing },
    loadValidators({ responseValidation, log }, deps.description),
  );
  // Longer than a busy machine pauses, so that no connection closes while a request is on its way.
  const server = createServer({ keepAliveTimeout: 75_000 });
  // The product listens like this, which matters where bytes follow a request.
  trackConnections(server, app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const createToken = async ({ scopes = allScopes, accountId = defaultAccount }: TokenOptions = {}) => {
    const token = mintToken();
    const createdAt = new Date().toISOString();
    await store.addToken({ id: randomUUID(), accountId, hash: hashToken(token), scopes, createdAt });
    return token;
  };
  const token = await createToken();

  return {
    app,
    url,
    token,
    store,
    keyRing,
    database,
    createToken,
    client: createOAuthAppsClient({ baseUrl: url, token }),
    /** Sends a request with the token of the server, and a body as JSON. `init.headers` takes precedence. */
    fetch(path: string, init: RequestInit = {}): Promise<Response> {
      const headers = new Headers({
        Authorization: `Bearer ${token}`,
        ...(init.body !== undefined && { 'Content-Type': 'application/json' }),
      });
      new Headers(init.headers).forEach((value, name) => {
        headers.set(name, value);
      });
      return fetch(new URL(path, url), { ...init, headers });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (deps.store === undefined) await store.close();
      if (deps.database === undefined) await database[Symbol.asyncDispose]();
    },
  };
}

export type TestServer = Awaited<ReturnType<typeof startServer>>;
