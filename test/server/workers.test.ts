/** Several server processes on one port. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { createToken } from '../helpers/deployment-data.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { listChildren } from '../helpers/process.ts';
import { createDeployment, type Deployment, type ServerProcess } from '../helpers/server-process.ts';
import { isSoak } from '../helpers/soak.ts';

const list = 'GET /v1/oauth-apps';
const env = { API_TOKEN: 'YOUR_API_TOKEN', WORKERS: '2', LOG_LEVEL: 'info' };
/** Workers share nothing but the database, as the servers of `two-servers.test.ts` do on PostgreSQL. */
const isChosen = isSoak || inject('store') === 'sqlite';

describe.runIf(isChosen)('several workers', () => {
  let folder: string;
  let keysFile: string;
  let deployment: Deployment;
  /** The server of all tests. The last one stops it. */
  let server: ServerProcess;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oauth-apps-workers-'));
    keysFile = join(folder, 'keys');
    await writeFile(keysFile, makeKeyLine(new Date()), { mode: 0o600 });
    deployment = await createDeployment();
    server = await deployment.startServer({ ...env, METRICS_PORT: '0', SECRET_KEYS: '', SECRET_KEYS_FILE: keysFile });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await deployment[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** Lists the process ids in the log lines about workers that ended. */
  const endedWorkers = (stderr: string) => Array.from(stderr.matchAll(/Worker (\d+) ended/g), ([, pid]) => Number(pid));

  test('all workers serve one database, and reject a revoked token', async () => {
    const { id, token } = await createToken(deployment, 'default');
    const creates = Array.from({ length: 20 }, () =>
      server.send('POST /v1/oauth-apps', { token, body: example('CreateOAuthApp') }),
    );
    expect((await Promise.all(creates)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    const { json } = await server.send(list);
    expect(json.data).toHaveLength(20);
    const [, metricsUrl = ''] = /Metrics are on (http:\S+metrics)\./.exec(server.output.stderr) ?? [];
    const created = 'oauth_apps_requests_total{operation="createOAuthApp",status="200"} 20';
    await eventually(async () => expect(await (await fetch(metricsUrl)).text()).toContain(`${created}\n`));
    expect(await deployment.runCommand(['token', 'revoke', id])).toMatchObject({ code: 0 });
    const gets = Array.from({ length: 10 }, () =>
      server.send(list, { token, headers: { Connection: 'close' } }).then(({ status }) => status),
    );
    expect(await Promise.all(gets)).toEqual(Array(10).fill(401));
  });

  test('a worker that is killed is started again, and rolling restarts fail no request', async () => {
    const [worker = 0, survivor = 0] = await listChildren(server.pid);
    process.kill(worker, 'SIGKILL');
    while (endedWorkers(server.output.stderr).length === 0) await delay(20);
    expect(endedWorkers(server.output.stderr)).toEqual([worker]);
    while ((await listChildren(server.pid)).length < 2) await delay(100);
    expect((await server.send(list)).status).toBe(200);

    process.kill(server.pid, 'SIGHUP');
    process.kill(server.pid, 'SIGHUP');
    const statuses = new Set<number>();
    for (let now = [survivor], round = 0; now.length !== 2 || now.includes(survivor); round += 1) {
      statuses.add((await server.send(list)).status);
      await delay(5);
      // Looking at the processes costs more than a request.
      if (round % 20 === 19) now = await listChildren(server.pid);
    }
    expect([...statuses]).toEqual([200]);
  });

  test('a restart that fails leaves the old workers', async () => {
    const hasEnded = () => server.output.stderr.split('The restart has ended').length - 1;
    await writeFile(keysFile, 'no key');
    const before = hasEnded();
    process.kill(server.pid, 'SIGHUP');
    while (hasEnded() === before) await delay(20);
    expect((await server.send(list)).status).toBe(200);
  });

  test('all workers stop together', async () => {
    server.signal('SIGTERM');
    expect(await server.closed).toEqual([0, null]);
  });

  test('a start that fails says why once and ends with 1', async () => {
    const { code, stderr } = await deployment.runServer({ ...env, SECRET_KEYS: 'no key' });
    expect(code).toBe(1);
    expect(stderr.match(/The secret keys cannot be used/g)).toHaveLength(1);
  });
});
