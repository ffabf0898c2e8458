import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { operations } from '../generated/operations.ts';
import { type AppDeps, createApp } from './app.ts';
import { silentLog } from './log.ts';
import { http } from './node-http.ts';
import { loadKeyRing, makeKeyLine } from './secrets.ts';
import { openStore } from './store/open-store.ts';
import { allScopes, defaultAccount, hashToken, mintToken } from './tokens.ts';

/** Enough for what is compiled at the second and third use. */
const rounds = 4;

type App = Awaited<ReturnType<typeof createApp>>;

/** Sends a request through the app without a network; resolves once it is answered, whatever the answer is. */
function send(app: App, method: string, url: string, token: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  const headers = { host: 'warm-up', authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const req = Object.assign(new http.IncomingMessage(new Socket()), { method, url, httpVersion: '1.1' });
  for (const [name, value] of Object.entries({ ...headers, 'content-length': String(text.length) })) {
    req.headers[name] = value;
    req.rawHeaders.push(name, value);
  }
  req.push(text);
  req.push(null);
  const res = new http.ServerResponse(req);
  return new Promise((resolve) => {
    const end = () => {
      resolve();
      return res;
    };
    app(req, Object.assign(res, { end }));
  });
}

/**
 * Has every operation answer a few requests, so that the first caller does not wait for code to be compiled. They go to
 * an app of their own, over a database in memory: nothing of them is kept or logged.
 */
export async function warmUp(description: AppDeps['description']): Promise<void> {
  const now = new Date();
  const store = await openStore('sqlite::memory:');
  try {
    const app = await createApp({
      ...{ store, description, log: silentLog, keyRing: loadKeyRing(makeKeyLine(now), now) },
    });
    const token = mintToken();
    const createdAt = now.toISOString();
    const id = randomUUID();
    await store.addToken({ id, accountId: defaultAccount, hash: hashToken(token), scopes: allScopes, createdAt });
    const { value } = JSON.parse(description).components.examples.CreateOAuthApp;
    for (let round = 0; round < rounds; round += 1) {
      for (const { method, path } of Object.values(operations)) {
        await send(app, method.toUpperCase(), path.replace(/\{\w+\}/, id), token, value);
      }
    }
  } finally {
    await store.close();
  }
}
