import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { duplexPair } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { operations } from '../../generated/operations.ts';
import { createApp } from '../app.ts';
import { description } from '../description.ts';
import { createServer } from '../http/node-http.ts';
import { loadKeyRing, makeKeyLine } from '../keys/key-ring.ts';
import { allScopes, defaultAccount, hashToken, mintToken } from '../keys/tokens.ts';
import { createLog } from '../log.ts';
import { openStore } from '../store/open-store.ts';

/** Enough for code that V8 compiles at the second and third use. */
const rounds = 4;

/** Sends a request over a connection in memory. Returns the response, head and body. */
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
 * Runs a few requests of every operation, so that the first client does not wait for code to be compiled. They go to an
 * app of its own on a database in memory, and its log is dropped.
 */
export async function warmUp(): Promise<void> {
  const now = new Date();
  const store = await openStore('sqlite::memory:');
  try {
    const log = createLog('info', { write() {} });
    const server = createServer(await createApp({ store, log, keyRing: loadKeyRing(makeKeyLine(now), now) }));
    const [token, id, createdAt] = [mintToken(), randomUUID(), now.toISOString()];
    await store.addToken({ id, accountId: defaultAccount, hash: hashToken(token), scopes: allScopes, createdAt });
    const { examples } = description.components;
    let appId = '';
    for (let round = 0; round < rounds; round += 1) {
      for (const [operationId, { method, path }] of Object.entries(operations)) {
        const { value } = examples[operationId.replace(/^./, (letter) => letter.toUpperCase())] ?? {};
        const url = path.replace(/\{\w+\}/, appId);
        const response = await send(server, method.toUpperCase(), url, token, value ?? {});
        // The app that was just created is the one to get, update and delete.
        appId = /"id":"([^"]+)"/.exec(response)?.[1] ?? appId;
      }
    }
  } finally {
    await store.close();
  }
}
