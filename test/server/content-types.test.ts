// @databases none
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { example } from '../helpers/examples.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { listProblemDefects } from '../helpers/problems.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';

const count = soak(1_000, 10_000);
const numbers = Array.from({ length: count }, (_, index) => index);
/** The numbers of the requests before the measurement, which fill caches. */
const warmUp = Array.from({ length: count / 20 }, (_, index) => count + index);
const maxGrowthMegabytes = 5;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Returns `application/json` in one of its 2¹⁵ spellings of upper and lower case. */
const respell = (index: number) =>
  [...'applicationjson']
    .map((letter, at) => ((index >> at) & 1 ? letter.toUpperCase() : letter))
    .join('')
    .replace(/(?=.{4}$)/, '/');

/** Creates the distinct content type of a number: JSON in another spelling or with parameters, another type, or garbage. */
function makeContentType(index: number): string {
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

/** Returns a function that sends a request with the content type of a number, to an operation with or without a body. */
async function openSender(server: TestServer) {
  const { send, close } = createLoadClient(server.url, server.token);
  const { id } = await server.client.createOAuthApp(example('CreateOAuthApp'));
  const writes = ['POST /v1/oauth-apps', `PATCH /v1/oauth-apps/${id}`];
  const statuses: Record<number, number> = {};
  const defects: string[] = [];
  const sendNumbered = async (index: number) => {
    const isAnonymous = Math.floor(index / 8) % 2 === 0;
    const headers = { 'Content-Type': makeContentType(index) };
    const target = index % 9 === 0 ? `GET /v1/oauth-apps/${id}` : (writes[Math.floor(index / 16) % 2] ?? '');
    const response = await send(target, { headers, body: { name: '' }, ...(isAnonymous && { token: '' }) });
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    defects.push(...listProblemDefects(response));
  };
  return { sendNumbered, close, statuses, defects };
}

function heapMegabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

test('thousands of content types leave no memory behind', async () => {
  await using server = await startServer();
  const { sendNumbered, close, statuses, defects } = await openSender(server);
  await mapInParallel(warmUp, sendNumbered);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const before = heapMegabytes();
  delay.enable();
  await mapInParallel(numbers, sendNumbered);
  delay.disable();
  const growth = heapMegabytes() - before;
  close();
  const p99 = (delay.percentile(99) / 1e6).toFixed(0);
  console.log(
    `content types: ${count} distinct, heap ${growth.toFixed(1)} MB more, event-loop delay p99 ${p99} ms, ` +
      `responses ${JSON.stringify(statuses)}`,
  );
  expect(defects).toEqual([]);
  expect(Object.keys(statuses)).toEqual(['200', '401', '415', '422']);
  expect(growth).toBeLessThan(maxGrowthMegabytes);
});

test('every generated content type is distinct', () => {
  expect(new Set(numbers.map(makeContentType)).size).toBe(count);
});
