// @databases sqlite
import { expect, test } from 'vitest';
import { getFile } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startProcess } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';

/** Returns a command that holds the write lock of a database file until SIGTERM. It prints `locked` once it has it. */
const lockCommand = (file: string) => [
  'node',
  '--eval',
  `const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(process.argv[1]);
  setInterval(() => {}, 1_000);
  process.once('SIGTERM', () => {
    database.exec('COMMIT');
    process.exit();
  });
  database.exec('BEGIN IMMEDIATE');
  console.log('locked');`,
  file,
];

test('a lock of another process never blocks the event loop', async () => {
  await using server = await startServer({ hasWriterThread: true });
  const http = createHttpClient(server.url, server.token, 32);
  const order: string[] = [];
  const send = async (name: string, target: string, options = {}) => {
    const { status } = await http.send(target, options);
    order.push(`${name} ${status}`);
  };
  const create = () => send('create', 'POST /v1/oauth-apps', { body: example('CreateOAuthApp') });
  await create();
  await using lock = await startProcess(lockCommand(getFile(server.database)), /locked/);
  const creates = Array.from({ length: 16 }, create);
  // The lock is released by this event loop. If a create blocked it, no read would come before the creates.
  for (let reads = 0; reads < 3; reads += 1) await send('read', 'GET /v1/oauth-apps');
  lock.signal('SIGTERM');
  await Promise.all(creates);
  expect(await lock.closed).toEqual([0, null]);
  http.close();
  expect(order).toEqual(['create 200', ...Array(3).fill('read 200'), ...Array(16).fill('create 200')]);
});
