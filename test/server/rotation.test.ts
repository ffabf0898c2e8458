import { expect, test } from 'vitest';
import { placeOf } from '../../server/oauth-app-view.ts';
import { loadKeyRing, makeKeyLine } from '../../server/secrets.ts';
import { type PlantedApp, plantApps, queryRows } from '../helpers/app-rows.ts';
import { example } from '../helpers/examples.ts';
import { startProcess } from '../helpers/process.ts';
import { seededRandom } from '../helpers/random.ts';
import type { Answer } from '../helpers/sender.ts';
import { makeSite, type ServerProcess, type Site } from '../helpers/server-process.ts';

const now = new Date();
const [oldKey, newKey] = [makeKeyLine(now), makeKeyLine(now)];
const [oldRing, newRing] = [loadKeyRing(oldKey, now), loadKeyRing(newKey, now)];
const apps = '/v1/oauth-apps';
const seed = 20261122;

const countUnder = (site: Site, { currentKeyId }: typeof oldRing) =>
  Number(
    queryRows(site.databaseFile, 'SELECT count(*) AS n FROM oauth_apps WHERE secret_key_id = ?', currentKeyId)[0]?.n,
  );

/** Reads, lists, creates and updates without a pause, on apps that it may change, until it is ended. */
function startTraffic(server: ServerProcess, changeable: PlantedApp[]) {
  const random = seededRandom(seed);
  const secrets = new Map(changeable.map(({ id, secret }) => [id, secret]));
  const failures: unknown[] = [];
  let [requests, slowest, isOver] = [0, 0, false];
  const send = async (target: string, body?: object): Promise<Answer | undefined> => {
    const start = performance.now();
    const answer = await server.send(target, { body }).catch((error) => void failures.push(error));
    if (answer && answer.status !== 200) failures.push(answer.status);
    slowest = Math.max(slowest, performance.now() - start);
    requests += 1;
    return answer || undefined;
  };
  const walk = async (cursor = ''): Promise<void> => {
    const next = (await send(`GET ${apps}?limit=50${cursor && `&cursor=${cursor}`}`))?.json.next_cursor;
    if (next && !isOver) await walk(next);
  };
  const change = async (id: string, client_secret: string) => {
    await send(`PATCH ${apps}/${id}`, { client_secret });
    secrets.set(id, client_secret);
  };
  /** Works on apps of its own, so that nobody else changes them in between. */
  const work = async (own: PlantedApp[]) => {
    for (let turn = 0; !isOver; turn += 1) {
      const { id = '' } = own[random(own.length)] ?? {};
      await send(`GET ${apps}/${id}`);
      await send(`POST ${apps}`, example('CreateOAuthApp'));
      await change(id, `changed ${turn}`);
      if (turn % 20 === 0) await walk();
    }
  };
  const workers = Array.from({ length: 4 }, (_, index) => work(changeable.filter((_app, at) => at % 4 === index)));
  return {
    secrets,
    async end() {
      isOver = true;
      await Promise.all(workers);
      return { requests, failures, slowest: Math.round(slowest) };
    },
  };
}

/** Rotates until half of the secrets are sealed anew, then kills it. */
async function rotateHalf(site: Site, env: Record<string, string>) {
  const words = ['node', 'server/bin.js', 'rotate-keys', '--batch', '100'];
  await using rotation = await startProcess(words, /sealed [56]\d{3} of \d+ /, { env: { ...site.settings, ...env } });
  rotation.signal('SIGKILL');
  expect(await rotation.closed).toEqual([null, 'SIGKILL']);
}

/** The secrets that open under a key, straight from the database, by app. */
function openAll(site: Site, keyRing: typeof newRing): Map<string, string> {
  const rows = queryRows(site.databaseFile, 'SELECT id, account_id, client_secret FROM oauth_apps');
  const open = ({ id, account_id, client_secret }: Record<string, unknown>) =>
    [String(id), keyRing.open(String(client_secret), placeOf(String(account_id), String(id)))] as const;
  return new Map(rows.map(open));
}

test('keys rotate under traffic, through a kill', async () => {
  const start = performance.now();
  await using site = await makeSite();
  const accounts = ['default', ...Array.from({ length: 9 }, (_, index) => `account ${index}`)];
  const planted = await plantApps(site.databaseFile, oldRing, { accounts, appsEach: 1_000 });
  const env = { SECRET_KEYS: `${newKey},${oldKey}`, API_TOKEN: 'YOUR_API_TOKEN', MAX_APPS_PER_ACCOUNT: '100000' };
  await using server = await site.startServer(env);
  const untouched = planted.slice(200);
  const readTags = () =>
    Promise.all(untouched.slice(0, 50).map(async ({ id }) => (await server.send(`GET ${apps}/${id}`)).headers.etag));
  const tags = await readTags();

  const traffic = startTraffic(server, planted.slice(0, 200));
  await rotateHalf(site, env);
  const leftAtKill = countUnder(site, oldRing);
  const { code, stdout } = await site.command(['rotate-keys', '--batch', '200'], env);
  const { requests, failures, slowest } = await traffic.end();
  const left = countUnder(site, oldRing);

  console.log(
    `rotation: ${planted.length} secrets, ${leftAtKill} left at the kill, ${left} at the end; ${requests} requests ` +
      `meanwhile, ${failures.length} failed, the slowest ${slowest} ms; ${Math.round(performance.now() - start)} ms; seed ${seed}`,
  );
  expect(leftAtKill).toBeGreaterThan(0);
  expect({ code, failures, left }).toEqual({ code: 0, failures: [], left: 0 });
  expect(stdout).toMatch(/^(sealed \d+ of \d+ under the key \S+\n){2,}No secret is left under another key\./);
  expect(await readTags()).toEqual(tags);
  const secrets = openAll(site, newRing);
  for (const { id, secret } of untouched) expect(secrets.get(id)).toBe(secret);
  for (const [id, secret] of traffic.secrets) expect(secrets.get(id)).toBe(secret);
});

test('secrets whose key is missing are counted', async () => {
  await using site = await makeSite();
  const planted = await plantApps(site.databaseFile, oldRing, { accounts: ['default'], appsEach: 7 });
  const { code, stdout } = await site.command(['rotate-keys', '--batch', '3'], { SECRET_KEYS: newKey });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^7 secrets are left under other keys\. Configure those keys/m);
  expect([...openAll(site, oldRing).values()]).toEqual(planted.map(({ secret }) => secret));
});
