import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** The text of the statement that writes to an account's apps, which is a transaction, and its name once prepared. */
const write = 'oauth_apps_write';

/** Starts a TCP proxy to PostgreSQL that can drop the response to a write and delay transactions. */
export async function startFaultyProxy(databaseUrl: string) {
  const { hostname: host, port } = new URL(databaseUrl);
  let [dropsNextCommit, isDelaying, droppedCommits] = [false, false, 0];
  const delayed: (() => void)[] = [];
  const proxy = createServer((client) => {
    const database = connect({ host, port: Number(port) });
    let isCommitting = false;
    client.on('error', () => {}).on('close', () => database.end());
    database.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('data', (chunk) => {
      if (dropsNextCommit && chunk.includes(write)) {
        [dropsNextCommit, isCommitting] = [false, true];
      }
      if (isDelaying && (chunk.includes('begin') || chunk.includes(write))) delayed.push(() => database.write(chunk));
      else database.write(chunk);
    });
    database.on('data', (chunk) => {
      if (!isCommitting) {
        client.write(chunk);
        return;
      }
      droppedCommits += 1;
      client.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    /** The URL of the database through the proxy. */
    url: Object.assign(new URL(databaseUrl), { port: String((proxy.address() as AddressInfo).port) }).href,
    /** Forwards the next commit and closes the connection instead of the response. */
    dropNextCommit() {
      dropsNextCommit = true;
    },
    /** Delays the start of every transaction from now on. */
    delayTransactions() {
      isDelaying = true;
    },
    /** Starts the delayed transactions and ends the delay. */
    releaseTransactions() {
      isDelaying = false;
      for (const send of delayed.splice(0)) send();
    },
    /** The number of commits whose response was dropped. */
    droppedCommits: () => droppedCommits,
    [Symbol.dispose]: () => void proxy.close(),
  };
}
