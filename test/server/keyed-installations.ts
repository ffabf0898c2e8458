/** Installations whose servers have other keys than their secrets. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assembleApp } from '../../server/app.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { loadKeys, recordKeyUse } from '../../server/keys/key-source.ts';
import { allScopes, hashToken } from '../../server/keys/tokens.ts';
import { createLog } from '../../server/log.ts';
import { openStore } from '../../server/store/open-store.ts';
import { loadValidators } from '../../server/validation/validators.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { insertApps } from '../helpers/inserted-apps.ts';
import { createDeployment, type Deployment } from '../helpers/server-process.ts';

const now = new Date();
export const API_TOKEN = 'YOUR_API_TOKEN';
export const [oldKey, newKey, otherKey] = [makeKeyLine(now), makeKeyLine(now), makeKeyLine(now)];
export const keyIdOf = (line: string) => line.split(':')[0] ?? '';

export interface Server {
  readonly send: ReturnType<typeof createHttpClient>['send'];
  /** Ends it after its last response. `isKill`: with SIGKILL. */
  end(isKill?: boolean): Promise<void>;
}

/** Starts a server of a deployment in this process, with everything of its own. */
export async function startHere(
  { database }: Deployment,
  keys: string,
  logged: string[] = [],
  clock = new Date(),
): Promise<Server> {
  const store = await openStore(database.url);
  const keyRing = await loadKeys({ text: keys }, store, clock);
  await recordKeyUse(store, keyRing);
  const log = createLog('warn', { write: (text) => logged.push(text) });
  const app = await assembleApp({ store, keyRing, log }, loadValidators({ responseValidation: 'strict', log }));
  const server = createServer({ keepAliveTimeout: 75_000 }, app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createHttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, API_TOKEN);
  return {
    send: client.send,
    async end() {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
    },
  };
}

/** Adds `API_TOKEN` with all scopes to the database of a deployment. */
export async function addToken({ database }: Deployment): Promise<void> {
  const store = await openStore(database.url);
  const token = { hash: hashToken(API_TOKEN), scopes: allScopes, createdAt: now.toISOString() };
  await store.addToken({ id: 'all', accountId: 'default', ...token });
  await store.close();
}

/** Creates a database with a token, and apps whose secrets are sealed under the old key. */
export async function createInstallation() {
  const deployment = await createDeployment();
  const inserted = await insertApps(deployment.database, loadKeyRing(oldKey, now), {
    accounts: ['default'],
    appsEach: 3,
  });
  await addToken(deployment);
  return { deployment, inserted };
}
