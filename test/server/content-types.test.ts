import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { example } from '../helpers/examples.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { listProblemDefects } from '../helpers/problems.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const count = 10_000;
const numbers = Array.from({ length: count }, (_, index) => index);
/** Fills what is filled once. */
const warmUp = Array.from({ length: count / 20 }, (_, index) => count + index);
const maxGrowthMegabytes = 5;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** `application/json` in the 2¹⁵ spellings of upper and lower case. */
const respell = (index: number) =>
  [...'applicationjson']
    .map((letter, at) => ((index >> at) & 1 ? letter.toUpperCase() : letter))
    .join('')
    .replace(/(?=.{4}$)/, '/');

/** A content type that no other index gets: JSON in another spelling, with odd parameters, of another kind, or garbage. */
function contentType(index: number): string {
  const kinds = [
    respell(index),
    `${respell(index)}; charset=utf-8`,
    `application/json; charset=utf-8; x=${index}`,
    `application/json; charset=iso-8859-${index}`,
    `application/vnd.x${index}+json`,
    `multipart/form-data; boundary=${index}`,
    `text/x-${index}`,
    `;;;"${index}=\\`,
  ];
  return kinds[index % kinds.length] ?? '';
}

/** Sends requests with content types of their own to every operation that could look at one. */
async function openKnocker(server: TestServer) {
  const { send, close } = createLoadClient(server.url, server.token);
  const { id } = await server.client.createOAuthApp(example('CreateOAuthApp'));
  const writes = ['POST /v1/oauth-apps', `PATCH /v1/oauth-apps/${id}`];
  const statuses: Record<number, number> = {};
  const faults: string[] = [];
  const knock = async (index: number) => {
    const isAnonymous = Math.floor(index / 8) % 2 === 0;
    const headers = { 'Content-Type': contentType(index) };
    const target = index % 9 === 0 ? `GET /v1/oauth-apps/${id}` : (writes[Math.floor(index / 16) % 2] ?? '');
    const response = await send(target, { headers, body: { name: '' }, ...(isAnonymous && { token: '' }) });
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    faults.push(...listProblemDefects(response));
  };
  return { knock, close, statuses, faults };
}

function heapMegabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

test('ten thousand content types leave nothing behind', async () => {
  await using server = await startServer();
  const { knock, close, statuses, faults } = await openKnocker(server);
  await mapInParallel(warmUp, knock);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const before = heapMegabytes();
  delay.enable();
  await mapInParallel(numbers, knock);
  delay.disable();
  const growth = heapMegabytes() - before;
  close();
  const p99 = (delay.percentile(99) / 1e6).toFixed(0);
  console.log(
    `content types: ${count} distinct, heap ${growth.toFixed(1)} MB more, event-loop delay p99 ${p99} ms, ` +
      `responses ${JSON.stringify(statuses)}`,
  );
  expect(faults).toEqual([]);
  expect(Object.keys(statuses)).toEqual(['200', '401', '415', '422']);
  expect(growth).toBeLessThan(maxGrowthMegabytes);
});

test('every made-up content type is distinct', () => {
  expect(new Set(numbers.map(contentType)).size).toBe(count);
});
