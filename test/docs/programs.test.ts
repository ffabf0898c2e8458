// @databases none
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenCreate } from '../../server/commands/token.ts';
import { verify } from '../../server/commands/verify.ts';
import { example } from '../helpers/examples.ts';
import { root, run } from '../helpers/process.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { isSoak } from '../helpers/soak.ts';
import { clientGuide, docsBlocks, guides, programs } from './doc-programs.ts';
import { makeProgramFolder, type ProgramFolder, shownServer } from './programs.ts';

const read = (file: string) => readFile(join(root, file), 'utf8');
const commands = docsBlocks.filter(({ language }) => language === 'sh');

let folder: ProgramFolder;
let server: TestServer;
beforeAll(async () => {
  [folder, server] = await Promise.all([makeProgramFolder(), startServer()]);
  for (const name of ['one', 'two', 'three'])
    await server.client.createOAuthApp({ ...example('CreateOAuthApp'), name });
});
afterAll(() => Promise.all([folder, server].map((each) => each[Symbol.asyncDispose]())));

/** Points a program to the test server. The first example of the readme names Sequin's. */
const point = (source: string) =>
  source.replaceAll(shownServer, server.url).replace('https://api.sequin.io', server.url);

// `exports.test.ts` compiles them.
describe('the program runs of', () => {
  // A runner of tests needs a process of its own. `contract/conformance-adapters.test.ts` runs it as well.
  const inProcess = programs.filter(({ source }) => isSoak || !source.includes('node-test'));
  test.each(inProcess)('$name', async ({ source }) => {
    const needsProcess = source.includes('node-test');
    const { stdout, ...result } = await folder[needsProcess ? 'start' : 'run'](point(source), server.token);
    expect(result).toEqual(needsProcess ? { code: 0, stderr: '' } : { error: undefined });
    // Comments say what it prints: behind `console.log`, or in a line of their own.
    for (const [, behind, below] of source.matchAll(/console\.log\(.*\); \/\/ (\[.*\]|\d+)$|^ *\/\/ prints: (.*)$/gm)) {
      expect(stdout).toContain(below ?? behind?.replace(/^\['/, "[ '").replace(/'\]$/, "' ]"));
    }
  });
});

describe('the command runs of', () => {
  const options = new Set([verify, tokenCreate].flatMap(({ help }) => help.map(([term]) => term.split(' ')[0])));
  test.each(commands)('$name', async ({ source }) => {
    const isOwn = source.startsWith('npx oauth-apps');
    if (isOwn) for (const [option] of source.matchAll(/--[\w-]+/g)) expect(options).toContain(option);
    // `readme.test.ts` makes a token, and `contract/package.test.ts` verifies.
    if (isOwn && (!isSoak || source.includes('token create'))) return;
    const { code, stdout } = await run(['sh', '-c', point(source)], { env: { API_TOKEN: server.token } });
    expect(code, stdout).toBe(0);
    if (isOwn) return;
    const body = JSON.parse(stdout);
    const block = docsBlocks[docsBlocks.findIndex((one) => one.source === source) + 1];
    const shown = block?.language === 'json' ? JSON.parse(block.source) : { data: expect.any(Array) };
    expect(body).toEqual({ ...body, ...shown, instance: body.instance });
  });
});

test('every file of the folder is a guide of the docs', async () => {
  const files = await readdir(join(root, 'openapi/docs/guides'));
  const titles = await Promise.all(
    files.map(async (file) => (await read(`openapi/docs/guides/${file}`)).split('\n')[0]),
  );
  const known = [guides.authentication, ...guides.subjects].map(({ title }) => `# ${title}`);
  expect(titles.sort()).toEqual(known.sort());
});

test('the guide names everything that the client exports', async () => {
  const { ...exported } = await import('../../client/index.ts');
  for (const one of ['createOAuthAppsClient', 'ProblemError', 'ConnectionError', 'TimeoutError', 'isProvider']) {
    expect(Object.keys(exported)).toContain(one);
    expect(clientGuide).toContain(one);
  }
});
