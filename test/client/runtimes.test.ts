// @databases none
/** Runs the client in every runtime, which npm fetches. In the short form, Node and Chromium alone. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, startBrowser } from '../helpers/browser.ts';
import { example } from '../helpers/examples.ts';
import { root, run } from '../helpers/process.ts';
import { isSoak } from '../helpers/soak.ts';

const app = example('OAuthApp');
const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, PATCH, DELETE',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match',
  'Access-Control-Expose-Headers': 'ETag, Retry-After, X-Request-Id',
};

/** Responds to one kind of request per id. The first request for `busy` fails, as does every second one after it. */
function respond(state: { count: number; strays: number }, { method, url = '' }: IncomingMessage, res: ServerResponse) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const id = pathname.split('/')[3];
  const send = (status: number, body: unknown, headers = {}) =>
    res
      .writeHead(status, { 'Content-Type': 'application/json', ETag: '"1"', ...cors, ...headers })
      .end(JSON.stringify(body));
  if (method === 'OPTIONS') return res.writeHead(204, cors).end();
  if (pathname === '/elsewhere') state.strays += 1;
  if (id === 'slow') return;
  if (id === 'gone') return send(404, { summary: 'It is gone.' });
  if (id === 'moved') return send(307, {}, { Location: '/elsewhere' });
  if (id === 'busy' && state.count++ % 2 === 0) return send(503, { summary: 'Busy.' }, { 'Retry-After': '0' });
  if (method === 'PATCH') return send(200, { ...app, name: 'changed' });
  if (id !== undefined || method === 'POST') return send(200, app);
  const isLast = searchParams.get('cursor') === 'next';
  return send(200, { data: [{ ...app, name: isLast ? 'two' : 'one' }], ...(!isLast && { next_cursor: 'next' }) });
}

const state = { count: 0, strays: 0 };
const server = createServer((req, res) => {
  if (req.headers['if-none-match'] === undefined) respond(state, req, res);
  else res.writeHead(304, { ETag: '"1"', ...cors }).end();
});
const closed = createServer();
/** Another origin than that of the API. */
const pages = createServer((_req, res) => res.setHeader('Content-Type', 'text/html').end('<!doctype html>'));
const urlOf = ({ port }: AddressInfo) => `http://127.0.0.1:${port}`;
let [url, closedUrl, pageUrl, folder, code] = ['', '', '', '', ''];

beforeAll(async () => {
  for (const one of [server, closed, pages]) await once(one.listen(0, '127.0.0.1'), 'listening');
  [url = '', closedUrl = '', pageUrl = ''] = [server, closed, pages].map((one) => urlOf(one.address() as AddressInfo));
  closed.close();
  folder = await mkdtemp(join(tmpdir(), 'oauth-apps-runtimes-'));
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/client/runtime-program.ts')],
    ...({ bundle: true, format: 'esm', platform: 'browser', write: false } as const),
  });
  code = outputFiles[0]?.text ?? '';
  await writeFile(join(folder, 'program.mjs'), code);
  const source = `import { sendOneOfEach } from './program.mjs';\nconsole.log(JSON.stringify(await sendOneOfEach('${url}', '${closedUrl}')));`;
  await writeFile(join(folder, 'main.mjs'), source);
});
afterAll(async () => {
  for (const one of [server, pages]) one.close().closeAllConnections();
  await rm(folder, { recursive: true });
});

const expected = {
  read: [app.name, '"1"'],
  unchanged: 304,
  create: app.name,
  change: 'changed',
  retry: app.name,
  abort: 'enough',
  timeout: 'TimeoutError true',
  paging: ['one', 'two'],
  error: 'ProblemError 404 It is gone.',
  redirect: 'ProblemError 307 undefined',
  refused: 'ConnectionError',
};

/** Installs a package in a folder of its own, once. Returns the folder. */
async function install(name: string, version: string): Promise<string> {
  const target = join(root, 'node_modules/.cache/runtimes', `${name}-${version}`);
  await mkdir(target, { recursive: true });
  await writeFile(
    join(target, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { node: true, [name]: true } }),
  );
  const words = ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', `${name}@${version}`];
  expect(await run(words, { cwd: target })).toMatchObject({ code: 0 });
  return target;
}

/** Runs a command in the folder of the program. Returns the JSON that it prints. */
async function resultOf(...words: string[]): Promise<unknown> {
  const { code: exitCode, stdout, stderr } = await run(words, { cwd: folder });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return JSON.parse(stdout);
}

test('the client works in the Node of this project', async () => {
  expect(await resultOf('node', 'main.mjs')).toEqual(expected);
});

test('the client works in Chromium on a page of another origin', async () => {
  await using browser = await startBrowser();
  await using opened = await openPage(browser, pageUrl);
  const source = `import('data:text/javascript;base64,${Buffer.from(code).toString('base64')}')
    .then(({ sendOneOfEach }) => sendOneOfEach('${url}', '${closedUrl}'))`;
  // A browser does not tell the status of a redirect.
  expect(await opened.page.evaluate(source)).toEqual({ ...expected, redirect: 'ProblemError 0 undefined' });
});

describe.runIf(isSoak)('the client works in', () => {
  test.each(['20.19.5', '22.23.3', '26.9.0'])('Node %s', async (version) => {
    const target = await install('node', version);
    expect(await resultOf(join(target, 'node_modules/node/bin/node'), 'main.mjs')).toEqual(expected);
  });

  test('Deno', async () => {
    const target = await install('deno', '2.9.6');
    expect(await resultOf(join(target, 'node_modules/.bin/deno'), 'run', '--allow-net', 'main.mjs')).toEqual(expected);
  });

  test('Bun', async () => {
    const target = await install('bun', '1.4.5');
    expect(await resultOf(join(target, 'node_modules/.bin/bun'), 'main.mjs')).toEqual(expected);
  });

  test('workerd', async () => {
    const target = await install('miniflare', '4.20260730.0');
    const worker = `${code}\nexport default { fetch: async () => Response.json(await sendOneOfEach('${url}', '${closedUrl}')) };`;
    const source = `
      import { Miniflare } from '${join(target, 'node_modules/miniflare/dist/src/index.js')}';
      const flare = new Miniflare({ modules: true, script: ${JSON.stringify(worker)}, compatibilityDate: '2026-01-01' });
      console.log(await (await flare.dispatchFetch('http://worker.example')).text());
      await flare.dispose();`;
    await writeFile(join(folder, 'worker.mjs'), source);
    expect(await resultOf('node', 'worker.mjs')).toEqual(expected);
  });
});

test('no runtime follows the redirect', () => {
  expect(state.strays).toBe(0);
});
