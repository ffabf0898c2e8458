// @databases sqlite
/** Tests of the thread that writes to a database file. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { openFreshStore } from './fresh-store.ts';

const token = (id: string) => ({ id, accountId: 'acme', hash: id, scopes: [], createdAt: '2026-01-01T00:00:00Z' });

test('no write is lost while the thread starts and ends', async () => {
  await using opened = await openFreshStore();
  const { store } = opened;
  let written = 0;
  const writeUntil = async (event: Promise<unknown>) => {
    let isOver = false;
    event.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await store.addToken(token(String(written)));
      written += 1;
    }
  };
  const created = once(process, 'worker') as Promise<[Worker]>;
  await writeUntil(created);
  const [thread] = await created;
  await writeUntil(once(thread, 'online'));
  // One write in the thread.
  await store.addToken(token('in the thread'));
  await thread.terminate();
  await store.addToken(token('after the thread'));
  expect(await store.listTokens('acme')).toHaveLength(written + 2);
});
