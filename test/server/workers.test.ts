/** Several server processes on one port. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { getFile } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { testOnce } from '../helpers/once.ts';
import { run } from '../helpers/process.ts';
import { createDeployment } from '../helpers/server-process.ts';

const env = { API_TOKEN: 'YOUR_API_TOKEN', WORKERS: '2', LOG_LEVEL: 'info' };

/** Lists the process ids in the log lines about workers that ended. */
const endedWorkers = (stderr: string) => Array.from(stderr.matchAll(/Worker (\d+) ended/g), ([, pid]) => Number(pid));

test('all workers serve one database, reject a revoked token, and stop together', async () => {
  await using deployment = await createDeployment();
  await using server = await deployment.startServer({ ...env, METRICS_PORT: '0' });
  const creates = Array.from({ length: 20 }, () =>
    server.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp') }),
  );
  expect((await Promise.all(creates)).map(({ status }) => status)).toEqual(Array(20).fill(200));
  const { json } = await server.send('GET /v1/oauth-apps');
  expect(json.data).toHaveLength(20);
  const [, metricsUrl = ''] = /Metrics are on (http:\S+metrics)\./.exec(server.output.stderr) ?? [];
  const created = 'oauth_apps_requests_total{operation="createOAuthApp",status="200"} 20';
  await eventually(async () => expect(await (await fetch(metricsUrl)).text()).toContain(`${created}\n`));
  const { stdout } = await deployment.runCommand(['token', 'list']);
  await deployment.runCommand(['token', 'revoke', stdout.split('\t')[0] ?? '']);
  const gets = Array.from({ length: 10 }, () =>
    server.send('GET /v1/oauth-apps', { headers: { Connection: 'close' } }).then(({ status }) => status),
  );
  expect(await Promise.all(gets)).toEqual(Array(10).fill(401));
  server.signal('SIGTERM');
  expect(await server.closed).toEqual([0, null]);
});

testOnce('a worker that is killed is started again, and rolling restarts fail no request', async () => {
  await using deployment = await createDeployment();
  await using server = await deployment.startServer({ ...env, LOG_LEVEL: 'silent' });
  const [worker = 0, survivor = 0] = await listChildren(server.pid);
  process.kill(worker, 'SIGKILL');
  while (endedWorkers(server.output.stderr).length === 0) await setTimeout(20);
  expect(endedWorkers(server.output.stderr)).toEqual([worker]);
  while ((await listChildren(server.pid)).length < 2) await setTimeout(20);
  expect((await server.send('GET /v1/oauth-apps')).status).toBe(200);

  process.kill(server.pid, 'SIGHUP');
  process.kill(server.pid, 'SIGHUP');
  const statuses = new Set<number>();
  for (let now = [survivor]; now.length !== 2 || now.includes(survivor); now = await listChildren(server.pid)) {
    statuses.add((await server.send('GET /v1/oauth-apps')).status);
    await setTimeout(5);
  }
  expect([...statuses]).toEqual([200]);
});

testOnce('a restart that fails leaves the old workers', async () => {
  await using deployment = await createDeployment();
  const SECRET_KEYS_FILE = join(dirname(getFile(deployment.database)), 'keys');
  await writeFile(SECRET_KEYS_FILE, makeKeyLine(new Date()), { mode: 0o600 });
  await using server = await deployment.startServer({ ...env, SECRET_KEYS_FILE });
  await writeFile(SECRET_KEYS_FILE, 'no key');
  process.kill(server.pid, 'SIGHUP');
  while (!server.output.stderr.includes('The restart has ended')) await setTimeout(20);
  expect((await server.send('GET /v1/oauth-apps')).status).toBe(200);
  server.signal('SIGTERM');
  expect(await server.closed).toEqual([0, null]);
});

testOnce('a start that fails says why once and ends with 1', async () => {
  await using deployment = await createDeployment();
  const { code, stderr } = await deployment.runServer({ ...env, SECRET_KEYS: 'no key' });
  expect(code).toBe(1);
  expect(stderr.match(/The secret keys cannot be used/g)).toHaveLength(1);
});

/** Lists the processes that a process has started, on Linux and macOS. */
async function listChildren(pid: number): Promise<number[]> {
  const { stdout } = await run(['pgrep', '-P', String(pid)]);
  return stdout.trim().split('\n').filter(Boolean).map(Number);
}
