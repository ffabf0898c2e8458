// @databases none
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import express from 'express';
import { expect, test } from 'vitest';
import { openPage, startBrowser } from '../helpers/browser.ts';
import { root } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';

/** Bundles a program for browsers. @throws Error when it needs a built-in module of Node. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

test.each([
  ['the client', "export * from './client/index.ts'", 6_000],
  ['the validator of create', "export { validateCreateOAuthApp } from './generated/validators.ts'", 3_000],
  ['the validator of update', "export { validateUpdateOAuthApp } from './generated/validators.ts'", 3_000],
])('%s is small and runs without Node', async (name, source, limit) => {
  const size = gzipSync(await bundle(source), { level: 9 }).length;
  console.log(`${name}, minified and gzipped: ${size} bytes`);
  expect(size).toBeLessThanOrEqual(limit);
});

const program = `
import { createOAuthAppsClient, ProblemError } from './client/index.ts';
import { validateCreateOAuthApp } from './generated/validators.ts';

export async function live(token: string, baseUrl = location.origin) {
  const client = createOAuthAppsClient({ baseUrl, token });
  const body = { provider: 'github', client_id: 'a', client_secret: 'b', name: 'c' } as const;
  const created = await client.createOAuthApp(validateCreateOAuthApp(body).value ?? body);
  const changed = await client.changeOAuthApp(created.id, ({ name }) => ({ name: name + '!' }));
  const names: string[] = [];
  for await (const app of client.listAllOAuthApps({ metadata: {} })) names.push(app.name);
  await client.deleteOAuthApp(created.id);
  const error = await client.getOAuthApp(created.id).catch((thrown: unknown) => thrown);
  const { validation_errors } = validateCreateOAuthApp({ ...body, name: '' });
  return [changed.name, names, error instanceof ProblemError && error.status, validation_errors];
}
`;

test('the client and the validators work in a browser', async () => {
  await using server = await startServer();
  const code = await bundle(program);
  // This server sends no CORS headers, so the page has its origin.
  const host = express()
    .get('/page', (_req, res) => res.type('html').send('<!doctype html><title>Page</title>'))
    .get('/program.js', (_req, res) => res.type('js').send(code))
    .use(server.app);
  const listening = createServer(host).listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const address = listening.address() as { port: number };
  await using browser = await startBrowser();
  await using opened = await openPage(browser, `http://127.0.0.1:${address.port}/page`);
  const live = (...args: string[]) =>
    opened.page.evaluate(`import('/program.js').then(({ live }) => live(...${JSON.stringify(args)}))`);
  const result = await live(server.token);
  await using other = await startServer({ corsOrigins: [`http://127.0.0.1:${address.port}`] });
  const fromOtherOrigin = await live(other.token, other.url);
  await using closed = await startServer();
  const refused = await live(closed.token, closed.url).catch(({ message }: Error) => message);
  listening.closeAllConnections();
  listening.close();
  const reasons = { name: ['must NOT have fewer than 1 characters'] };
  expect(result).toEqual(['c!', ['c!'], 404, reasons]);
  // With `CORS_ORIGINS`, a page of another origin does the same, and reads the ETag that the change needs.
  expect(fromOtherOrigin).toEqual(result);
  expect(refused).toMatch(/ConnectionError|response|fetch/i);
});
