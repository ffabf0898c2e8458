import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/**
 * Stands between a server and PostgreSQL. Once `cut` is called, the next transaction that is committed is, but nobody
 * hears of it: the connection breaks where the answer should come.
 */
export async function startCuttingProxy(target: { readonly host: string; readonly port: number }) {
  let isArmed = false;
  let cuts = 0;
  const proxy = createServer((near) => {
    const far = connect(target);
    let isCommitting = false;
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('data', (chunk) => {
      if (isArmed && chunk.includes('commit')) {
        [isArmed, isCommitting] = [false, true];
      }
      far.write(chunk);
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
    port: (proxy.address() as AddressInfo).port,
    cut() {
      isArmed = true;
    },
    cuts: () => cuts,
    [Symbol.dispose]: () => void proxy.close(),
  };
}
