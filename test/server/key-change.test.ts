import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { example } from '../helpers/examples.ts';
import { listChildren } from '../helpers/process.ts';
import { createDeployment, type Deployment, type ServerProcess } from '../helpers/server-process.ts';
import { isSoak, soak } from '../helpers/soak.ts';
import { API_TOKEN, addToken, newKey, oldKey, type Server, startHere } from './keyed-installations.ts';

const apps = '/v1/oauth-apps';
const valid = example('CreateOAuthApp');

/** Starts a server of a deployment as a process. */
async function startThere(deployment: Deployment, keys: string): Promise<Server> {
  const server = await deployment.startServer({ SECRET_KEYS: keys, API_TOKEN });
  return {
    send: server.send,
    async end(isKill) {
      server.signal(isKill ? 'SIGKILL' : 'SIGTERM');
      await server.closed;
      await server[Symbol.asyncDispose]();
    },
  };
}

const start = isSoak ? startThere : startHere;

/** The servers behind a load balancer: requests go to those that are in, and one leaves after its last response. */
function createBalancer(deployment: Deployment) {
  const servers = new Map<string, { server: Server; keys: string; inFlight: number }>();
  let turn = 0;
  return {
    async send(...request: Parameters<Server['send']>) {
      const [, chosen] = [...servers][turn++ % servers.size] ?? [];
      if (chosen === undefined) throw new Error('no server is in');
      chosen.inFlight += 1;
      try {
        return { ...(await chosen.server.send(...request)), keys: chosen.keys };
      } finally {
        chosen.inFlight -= 1;
      }
    },
    async replace(name: string, keys: string, isKill = false) {
      const old = servers.get(name);
      servers.delete(name);
      while (old !== undefined && old.inFlight > 0) await new Promise(setImmediate);
      await old?.server.end(isKill);
      servers.set(name, { server: await start(deployment, keys), keys, inFlight: 0 });
    },
    async end() {
      for (const { server } of servers.values()) await server.end();
    },
  };
}

type Balancer = ReturnType<typeof createBalancer>;

/** Sends to the workers of one server, each request over a connection of its own, so that any worker may respond. */
function sendToWorkers(server: ServerProcess): Pick<Balancer, 'send'> {
  let count = 0;
  return {
    async send(target, { headers, ...options } = {}) {
      count += 1;
      const response = await server.send(target, { ...options, headers: { ...headers, Connection: 'close' } });
      return { ...response, keys: `unknown ${count}` };
    },
  };
}

/** Sends creates, repeats, reads, pages and reveals over all servers, until stopped. */
function startTraffic({ send }: Pick<Balancer, 'send'>) {
  const counts = { requests: 0, failed: 0, wrongHealth: 0, refusedCursors: 0, refusedRepeats: 0, unrevealed: 0 };
  let isOver = false;
  const ask = async (...request: Parameters<Balancer['send']>) => {
    const response = await send(...request);
    counts.requests += 1;
    if (response.status !== 200) counts.failed += 1;
    return response;
  };
  /** Whether a secret that was sealed just now is shown as well by every server, whatever its first key. */
  const expectHealth = (health: { status: string }) => {
    if (health.status !== 'ok') counts.wrongHealth += 1;
  };
  const round = async (name: string) => {
    const create = { headers: { 'Idempotency-Key': name }, body: { ...valid, name, client_secret: name } };
    const created = await ask(`POST ${apps}`, create);
    for (let count = 0; count < 2; count += 1) {
      const repeated = await ask(`POST ${apps}`, create);
      if (repeated.status !== 200 || repeated.json.id !== created.json.id) counts.refusedRepeats += 1;
      const shown = await ask(`GET ${apps}/${created.json.id}`);
      // Servers that still seal under the old key show what they have just sealed as well, unless it is retired here.
      const isCurrent = shown.keys === created.keys || shown.keys.startsWith(oldKey);
      if (isCurrent) expectHealth(shown.json.health);
      else if (shown.json.health.status === 'error') counts.wrongHealth += 1;
    }
    const page = await ask(`GET ${apps}?limit=1`);
    const next = await ask(`GET ${apps}?limit=1&cursor=${page.json.next_cursor}`);
    if (next.status !== 200) counts.refusedCursors += 1;
    const revealed = await ask(`GET ${apps}?truncate_secrets=false&metadata=${encodeURIComponent('{"at":"start"}')}`);
    for (const { client_secret } of revealed.json.data) if (client_secret !== 'of the start') counts.unrevealed += 1;
    await ask(`DELETE ${apps}/${created.json.id}`);
  };
  const work = async (worker: number) => {
    for (let index = 0; !isOver; index += 1) await round(`${worker}-${index}`);
  };
  const workers = [1, 2, 3].map(work);
  return {
    counts,
    async stop() {
      isOver = true;
      await Promise.all(workers);
      return counts;
    },
  };
}

/** Waits until so many more responses have come. */
async function passTraffic({ counts }: ReturnType<typeof startTraffic>, requests = soak(20, 500)) {
  for (const from = counts.requests; counts.requests < from + requests; ) await new Promise(setImmediate);
}

test('keys change over two servers under traffic', async () => {
  await using deployment = await createDeployment();
  await addToken(deployment);
  const balancer = createBalancer(deployment);
  for (const name of ['one', 'other']) await balancer.replace(name, oldKey);
  for (let count = 0; count < 5; count += 1)
    await balancer.send(`POST ${apps}`, {
      body: { ...valid, client_secret: 'of the start', metadata: { at: 'start' } },
    });
  const traffic = startTraffic(balancer);
  const both = { added: `${oldKey},${newKey}`, first: `${newKey},${oldKey}` };
  await passTraffic(traffic);
  for (const name of ['one', 'other']) await balancer.replace(name, both.added);
  await passTraffic(traffic);
  await balancer.replace('one', both.first);
  await passTraffic(traffic);
  // The change stops half-way: the other server is killed and starts again as it was.
  await balancer.replace('other', both.added, true);
  await passTraffic(traffic);
  await balancer.replace('other', both.first);
  await passTraffic(traffic);
  const { code, stdout } = await deployment.runCommand(['rotate-keys'], { SECRET_KEYS: both.first });
  await passTraffic(traffic);
  const { requests, ...wrong } = await traffic.stop();
  console.log(`key change on ${inject('store')}: ${requests} requests over 2 servers, ${JSON.stringify(wrong)}`);
  expect(wrong).toEqual({ failed: 0, wrongHealth: 0, refusedCursors: 0, refusedRepeats: 0, unrevealed: 0 });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/24 hours have passed: \d+ stored responses/),
  });
  const shown = await balancer.send(`GET ${apps}?limit=5`);
  for (const { health } of shown.json.data) expect(health.status).toBe('ok');
  await balancer.end();
});

test.runIf(isSoak)('keys change over two workers, of which one is ahead', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-key-change-'));
  const file = join(folder, 'keys');
  await writeFile(file, oldKey, { mode: 0o600 });
  await using deployment = await createDeployment();
  const settings = { WORKERS: '2', API_TOKEN, SECRET_KEYS: '', SECRET_KEYS_FILE: file };
  await using server = await deployment.startServer(settings);
  /** Waits until other workers are there. Those that stay are given. */
  const awaitWorkers = async (before: readonly number[], staying: readonly number[] = []) => {
    const isOver = (now: readonly number[]) =>
      now.length === 2 && now.every((pid) => staying.includes(pid) || !before.includes(pid));
    while (!isOver(await listChildren(server.pid))) await setTimeout(50);
  };
  const balancer = sendToWorkers(server);
  for (let count = 0; count < 5; count += 1)
    await balancer.send(`POST ${apps}`, {
      body: { ...valid, client_secret: 'of the start', metadata: { at: 'start' } },
    });
  const traffic = startTraffic(balancer);
  const restart = async (keys: string) => {
    const before = await listChildren(server.pid);
    await writeFile(file, keys);
    process.kill(server.pid, 'SIGHUP');
    await awaitWorkers(before);
    await passTraffic(traffic);
  };
  await restart(`${oldKey},${newKey}`);
  const workers = await listChildren(server.pid);
  const [ending = 0, staying = 0] = workers;
  await writeFile(file, `${newKey},${oldKey}`);
  process.kill(ending, 'SIGTERM');
  await awaitWorkers(workers, [staying]);
  await passTraffic(traffic);
  await restart(`${newKey},${oldKey}`);
  const { code } = await deployment.runCommand(['rotate-keys'], settings);
  await passTraffic(traffic);
  const { requests, ...wrong } = await traffic.stop();
  console.log(`key change on ${inject('store')}: ${requests} requests over 2 workers, ${JSON.stringify(wrong)}`);
  await rm(folder, { recursive: true });
  expect({ code, ...wrong }).toEqual({
    ...{ code: 0, failed: 0, wrongHealth: 0, refusedCursors: 0, refusedRepeats: 0, unrevealed: 0 },
  });
});
