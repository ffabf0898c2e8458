import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { getFile } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startProcess } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';

const lockMilliseconds = 1_000;
/** Returns a command that holds the write lock of a database file for a second. It prints `locked` once it has it. */
const lockCommand = (file: string) => [
  'node',
  '--eval',
  `const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(process.argv[1]);
  database.exec('BEGIN IMMEDIATE');
  console.log('locked');
  setTimeout(() => database.exec('COMMIT'), ${lockMilliseconds});`,
  file,
];

test('a lock of another process never blocks the event loop', async () => {
  await using server = await startServer();
  const http = createHttpClient(server.url, server.token);
  const create = () => http.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp') });
  await create();
  await using lock = await startProcess(lockCommand(getFile(server.database)), /locked/);
  const [delay, start] = [monitorEventLoopDelay({ resolution: 5 }), performance.now()];
  delay.enable();
  const writes = await Promise.all(Array.from({ length: 16 }, create));
  const waited = Math.round(performance.now() - start);
  delay.disable();
  expect(await lock.closed).toEqual([0, null]);
  http.close();
  const p99 = Math.round(delay.percentile(99) / 1e6);
  console.log(`locks: 16 creates waited ${waited} ms for another process, event-loop delay p99 ${p99} ms`);
  expect(writes.map(({ status }) => status)).toEqual(Array(16).fill(200));
  expect(waited).toBeGreaterThan(lockMilliseconds / 2);
  expect(p99).toBeLessThan(lockMilliseconds / 4);
});
