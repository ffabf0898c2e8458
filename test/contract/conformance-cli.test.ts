import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../server/commands/command.ts';
import { verify } from '../../server/commands/verify.ts';
import type { Tokens } from '../../server/config.ts';
import { run, startProcess } from '../helpers/process.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { parseXml } from '../helpers/xml.ts';
import { startIndependentServer } from '../independent/server.ts';

/** What the environment of a run has. */
let tokens: Tokens = {};
const unneeded = () => {
  throw new Error('verify needs neither settings nor versions');
};

/** Runs the command as the command line would, in this process. */
async function type(...args: string[]) {
  const lines: string[] = [];
  const { values: options, positionals } = parseArgs({ args, options: verify.options, allowPositionals: true });
  const typed = options as Record<string, string | boolean>;
  const needs = { readConfig: unneeded, findVersion: unneeded, readTokens: () => tokens };
  const code = await verify.run({ ...needs, options: typed, positionals, say: (line) => lines.push(line) });
  return { code, text: lines.join('\n') };
}

describe('oauth-apps verify', () => {
  let server: TestServer;
  let independent: Awaited<ReturnType<typeof startIndependentServer>>;
  beforeAll(async () => {
    // Where the progress goes.
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    [server, independent] = [await startServer(), await startIndependentServer({ tokens: { one: 'one' } })];
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await Promise.all([server, independent].map((each) => each[Symbol.asyncDispose]()));
  });

  const typeToken = (...args: string[]) => type(server.url, '--token', server.token, ...args);

  it('exits 0 for the chosen checks and tells the seed', async () => {
    const { code, text } = await typeToken('--only', 'ignored_auth,use_after_free', '--seed', '77');
    expect(text).toMatch(/^\d+ cases, \d+ requests, 0 findings .* level extension, seed 77$/m);
    expect(text.match(/^ {2}\w+ +(\w+) +\d+ cases/gm)?.join()).not.toMatch(/partial_update|stable_paging/);
    expect(code).toBe(0);
  });

  it('exits 1 and leaves skipped checks out', async () => {
    const args = [independent.url, '--token', 'one', '--cases', '1', '--skip', 'problem_shape,stable_paging', '--json'];
    const { code, text } = await type(...args);
    const checks = new Set(JSON.parse(text).findings.map(({ check }: { check: string }) => check));
    expect(checks).toContain('conditional_requests');
    expect([...checks]).not.toEqual(expect.arrayContaining([expect.stringMatching(/problem_shape|stable_paging/)]));
    expect(code).toBe(1);
  });

  it('makes up a seed and tells it', async () => {
    const { text } = await typeToken('--only', 'ignored_auth', '--json');
    expect(JSON.parse(text).seed).toBeTypeOf('number');
  });

  it('tries as many values as asked for', async () => {
    const count = async (cases: string) =>
      JSON.parse(
        (await typeToken('--level', 'documented', '--only', 'read_your_writes', '--cases', cases, '--json')).text,
      ).requests;
    expect((await count('6')) - (await count('1'))).toBeGreaterThanOrEqual(2 * 5 * 4);
  });

  it('exits 1 below the least coverage', async () => {
    const { code, text } = await typeToken('--only', 'use_after_free', '--min-coverage', '99');
    expect(text).toMatch(/^The coverage is below 99 %\.$/m);
    expect(code).toBe(1);
  });

  it('writes JUnit beside the summary', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-junit-'));
    const { code } = await typeToken('--only', 'ignored_auth', '--junit', join(folder, 'junit.xml'));
    const elements = parseXml(await readFile(join(folder, 'junit.xml'), 'utf8'));
    await rm(folder, { recursive: true });
    expect(elements.filter((name) => name === 'testcase').length).toBeGreaterThan(10);
    expect(code).toBe(0);
  });

  it('takes tokens from the environment', async () => {
    tokens = { token: server.token, otherToken: await server.createToken({ accountId: 'other' }) };
    const { code, text } = await type(server.url, '--only', 'ignored_auth,account_isolation', '--cases', '1');
    tokens = {};
    expect(text).toMatch(/ 0 findings /);
    expect(code).toBe(0);
  });

  it('refuses a report that cannot be written before it sends anything', async () => {
    const file = join(tmpdir(), 'there-is-no-such-folder', 'junit.xml');
    const words = ['node', 'server/bin.js', 'verify', 'http://127.0.0.1:9', '--junit', file];
    const { code, stderr } = await run(words, { env: { API_TOKEN: 'x' } });
    expect(stderr).toContain('oauth-apps: --junit takes a file that can be written, and this one cannot (ENOENT)');
    expect(code).toBe(2);
  });

  it.each([
    ['an unknown token', () => ['--token', 'unknown'], 'the token is refused with 401'],
    ['a base URL that goes too far', () => [`${server.url}/v1`, '--token', server.token], 'is 404: is the base URL'],
    ['a port that nobody listens on', () => ['http://127.0.0.1:9', '--token', 'x'], 'no answer came'],
  ])('exits 2 for %s', async (_, argsOf, says) => {
    const args = argsOf();
    const { code, text } = await type(...(args[0]?.startsWith('http') ? [] : [server.url]), ...args);
    expect(text).toContain('The implementation cannot be verified: ');
    expect(text).toContain(says);
    expect(text).not.toContain(server.token);
    expect(code).toBe(2);
  });

  it.each([
    ['no token', ['http://127.0.0.1']],
    ['no URL', ['127.0.0.1', '--token', 'x']],
    ['another protocol', ['ftp://127.0.0.1', '--token', 'x']],
    ['an unknown level', ['http://127.0.0.1', '--token', 'x', '--level', 'all']],
    ['two levels', ['http://127.0.0.1', '--token', 'x', '--level', 'documented,inferred']],
    ['an unknown check', ['http://127.0.0.1', '--token', 'x', '--only', 'ignored_auth,nonsense']],
    ['a seed that is no number', ['http://127.0.0.1', '--token', 'x', '--seed', '1.5']],
    ['too many cases', ['http://127.0.0.1', '--token', 'x', '--cases', '1000000']],
    ['too much coverage', ['http://127.0.0.1', '--token', 'x', '--min-coverage', '101']],
  ])('refuses %s', async (_, args) => {
    await expect(type(...args)).rejects.toThrow(UsageError);
  });

  it('exits 2 and explains itself when it is typed wrong', async () => {
    const { code, stderr } = await run(['node', 'server/bin.js', 'verify', server.url, '--tokens', 'x']);
    expect(stderr).toContain('see oauth-apps verify --help');
    expect(code).toBe(2);
  });

  it('cleans up after Ctrl-C', async () => {
    await server.client.createOAuthApp({ provider: 'github', client_id: 'x', client_secret: 'y', name: 'kept' });
    const before = await server.store.listApps('default');
    const command = `exec node server/bin.js verify ${server.url} --token ${server.token} --cases 5000 2>&1`;
    await using typed = await startProcess(['sh', '-c', command], /100 of \d+ cases/);
    typed.signal('SIGINT');
    const [code] = await typed.closed;
    expect(typed.said.stdout).toContain('It was ended before the last case.');
    expect(typed.said.stdout).not.toContain('could not be removed');
    expect(await server.store.listApps('default')).toEqual(before);
    expect(code).toBe(2);
  });
});
