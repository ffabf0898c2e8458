import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Stands between a server and PostgreSQL, and lets through what it is not asked to spoil. */
export async function startFaultyProxy(databaseUrl: string) {
  const { hostname: host, port } = new URL(databaseUrl);
  let [isArmed, isHolding, cuts] = [false, false, 0];
  const held: (() => void)[] = [];
  const proxy = createServer((near) => {
    const far = connect({ host, port: Number(port) });
    let isCommitting = false;
    near.on('error', () => {}).on('close', () => far.end());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('data', (chunk) => {
      if (isArmed && chunk.includes('commit')) {
        [isArmed, isCommitting] = [false, true];
      }
      if (isHolding && chunk.includes('begin')) held.push(() => far.write(chunk));
      else far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (!isCommitting) {
        near.write(chunk);
        return;
      }
      cuts += 1;
      near.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    /** The database, by way of here. */
    url: Object.assign(new URL(databaseUrl), { port: String((proxy.address() as AddressInfo).port) }).href,
    /** Commits the next transaction, but breaks the connection where the response should come. */
    cut() {
      isArmed = true;
    },
    /** Keeps what begins a transaction back. */
    hold() {
      isHolding = true;
    },
    /** Sends on what was kept back. */
    letGo() {
      isHolding = false;
      for (const send of held.splice(0)) send();
    },
    cuts: () => cuts,
    [Symbol.dispose]: () => void proxy.close(),
  };
}
