import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { duplexPair } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { operations } from '../../generated/operations.ts';
import { type AppDeps, createApp } from '../app.ts';
import { messagesOf } from '../express-messages.ts';
import { createLog } from '../log.ts';
import { http } from '../node-http.ts';
import { loadKeyRing, makeKeyLine } from '../keys/key-ring.ts';
import { openStore } from '../store/open-store.ts';
import { allScopes, defaultAccount, hashToken, mintToken } from '../keys/tokens.ts';

/** Enough for what is compiled at the second and third use. */
const rounds = 4;

/** Sends a request over a connection that is no socket; gives the answer, head and body, whatever it is. */
async function send(server: Server, method: string, url: string, token: string, body: object): Promise<string> {
  const text = JSON.stringify(body);
  const [client, connection] = duplexPair();
  server.emit('connection', connection);
  client.write(
    [
      ...[`${method} ${url} HTTP/1.1`, 'Host: warm-up', 'Connection: close', `Authorization: Bearer ${token}`],
      ...['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`, '', text],
    ].join('\r\n'),
  );
  return readText(client);
}

/**
 * Has every operation answer a few requests, so that the first caller does not wait for code to be compiled. They go to
 * an app of their own, over a database in memory: nothing of them is kept, and what is logged goes nowhere.
 */
export async function warmUp(description: AppDeps['description']): Promise<void> {
  const now = new Date();
  const store = await openStore('sqlite::memory:');
  try {
    const app = await createApp({
      ...{ store, description, log: createLog('info', { write() {} }), keyRing: loadKeyRing(makeKeyLine(now), now) },
    });
    const server = http.createServer(messagesOf(app), app);
    const token = mintToken();
    const createdAt = now.toISOString();
    await store.addToken({
      id: randomUUID(),
      accountId: defaultAccount,
      hash: hashToken(token),
      scopes: allScopes,
      createdAt,
    });
    const { examples } = JSON.parse(description).components;
    let appId = '';
    for (let round = 0; round < rounds; round += 1) {
      for (const [operationId, { method, path }] of Object.entries(operations)) {
        const { value = {} } = examples[operationId.replace(/^./, (letter) => letter.toUpperCase())] ?? {};
        const answer = await send(server, method.toUpperCase(), path.replace(/\{\w+\}/, appId), token, value);
        // The app that was just created is the one to get, change and delete.
        appId = /"id":"([^"]+)"/.exec(answer)?.[1] ?? appId;
      }
    }
  } finally {
    await store.close();
  }
}
