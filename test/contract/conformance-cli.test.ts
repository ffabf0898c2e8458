// @databases none
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../server/commands/command.ts';
import { verify } from '../../server/commands/verify.ts';
import type { Tokens } from '../../server/config.ts';
import { startListener } from '../helpers/listener.ts';
import { run, startProcess } from '../helpers/process.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { parseXml } from '../helpers/xml.ts';
import { startIndependentServer } from '../independent/server.ts';

/** Tokens in the environment of the command. */
let tokens: Tokens = {};
const notNeeded = () => {
  throw new Error('verify needs neither settings nor versions');
};

/** The options of the command as its help has them: `--seed N` takes a value. */
const verifyOptions: ParseArgsOptionsConfig = Object.fromEntries(
  verify.help.map(([term]) => [term.split(' ')[0]?.slice(2), { type: term.includes(' ') ? 'string' : 'boolean' }]),
);

/** Runs the command in this process with the arguments of a command line. */
async function runVerify(...args: string[]) {
  const lines: string[] = [];
  const { values: options, positionals } = parseArgs({ args, options: verifyOptions, allowPositionals: true });
  const parsed = options as Record<string, string | boolean>;
  const environment = { readConfig: notNeeded, sayRow: notNeeded, findVersion: notNeeded, readTokens: () => tokens };
  const code = await verify.run({ ...environment, options: parsed, positionals, say: (line) => lines.push(line) });
  return { code, text: lines.join('\n') };
}

describe('oauth-apps verify', () => {
  let server: TestServer;
  let independent: Awaited<ReturnType<typeof startIndependentServer>>;
  beforeAll(async () => {
    // The progress is written there.
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    [server, independent] = [await startServer(), await startIndependentServer({ tokens: { one: 'one' } })];
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await Promise.all([server, independent].map((each) => each[Symbol.asyncDispose]()));
  });

  const verifyServer = (...args: string[]) => runVerify(server.url, '--token', server.token, ...args);

  it('exits 0 for the selected checks and prints the seed', async () => {
    const { code, text } = await verifyServer('--only', 'ignored_auth,use_after_free', '--seed', '77');
    expect(text).toMatch(/^\d+ cases, \d+ requests, 0 findings .* level extension, seed 77$/m);
    const [passed = ''] = text.split('Coverage');
    expect(passed).toMatch(/ignored_auth 20 of 20/);
    expect(passed).not.toMatch(/partial_update|stable_paging/);
    expect(code).toBe(0);
  });

  it('exits 1 without findings of skipped checks', async () => {
    const options = ['--operation', 'listOAuthApps,updateOAuthApp', '--skip', 'problem_shape,stable_paging'];
    const { code, text } = await runVerify(independent.url, '--token', 'one', '--cases', '1', ...options, '--json');
    const checks = new Set(JSON.parse(text).findings.map(({ check }: { check: string }) => check));
    expect(checks).toContain('conditional_requests');
    expect([...checks]).not.toEqual(expect.arrayContaining([expect.stringMatching(/problem_shape|stable_paging/)]));
    expect(code).toBe(1);
  });

  it('picks a random seed and prints it', async () => {
    const { text } = await verifyServer('--only', 'ignored_auth', '--json');
    expect(JSON.parse(text).seed).toBeTypeOf('number');
  });

  it('generates as many values as --cases says', async () => {
    const count = async (cases: string) =>
      JSON.parse(
        (await verifyServer('--level', 'documented', '--only', 'read_your_writes', '--cases', cases, '--json')).text,
      ).requests;
    expect((await count('6')) - (await count('1'))).toBeGreaterThanOrEqual(2 * 5 * 4);
  });

  it('exits 1 below the minimum coverage', async () => {
    const { code, text } = await verifyServer('--only', 'use_after_free', '--min-coverage', '99');
    expect(text).toMatch(/^The coverage is below 99 %\.$/m);
    expect(code).toBe(1);
  });

  it.each([
    [['--only', 'account_isolation'], 'account_isolation'],
    [['--read-only', '--only', 'use_after_free'], 'use_after_free'],
    [['--read-only', '--only', 'read_your_writes,ignored_auth'], 'read_your_writes'],
    [['--level', 'documented', '--only', 'stable_paging'], 'stable_paging'],
    [['--level', 'documented', '--only', 'conditional_requests,ignored_auth'], 'conditional_requests'],
    [['--operation', 'deleteOAuthApp', '--level', 'documented'], 'deleteOAuthApp'],
    [['--replay', '7-00000000'], '7-00000000'],
  ])('exits 2 for %j, which no case can try', async (args, name) => {
    const { code, text } = await verifyServer(...args);
    expect(text).toContain(`Asked for and not tried: ${name}\n`);
    if (args[0] === '--replay') expect(text).not.toMatch(/^Coverage/m);
    expect(code).toBe(2);
  });

  it('keeps an old report where the server does not respond', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-junit-'));
    const file = join(folder, 'junit.xml');
    await writeFile(file, 'the old report');
    const { code } = await runVerify('http://127.0.0.1:9', '--token', 'x', '--junit', file);
    expect([code, await readFile(file, 'utf8')]).toEqual([2, 'the old report']);
    await runVerify('http://127.0.0.1:9', '--token', 'x', '--junit', join(folder, 'new.xml'));
    expect(await readdir(folder)).toEqual(['junit.xml']);
    await rm(folder, { recursive: true });
  });

  it('sends the headers of --header', async () => {
    const seen = new Set<string>();
    await using listener = await startListener((request, response) => {
      seen.add(`${request.headers['x-tenant']} ${request.headers['x-more']}`);
      response.writeHead(401).end();
    });
    await runVerify(listener.url, '--token', 'x', '--header', 'X-Tenant: acme\nX-More: a:b');
    expect([...seen]).toEqual(['acme a:b']);
  });

  it('gives up after --timeout', async () => {
    await using listener = await startListener(() => {});
    const { code, text } = await runVerify(listener.url, '--token', 'x', '--timeout', '1');
    expect(text).toMatch(/no response: timeout\.$/);
    expect(code).toBe(2);
  });

  it('writes JUnit in addition to the summary', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-junit-'));
    const { code } = await verifyServer('--only', 'ignored_auth', '--junit', join(folder, 'junit.xml'));
    const elements = parseXml(await readFile(join(folder, 'junit.xml'), 'utf8'));
    await rm(folder, { recursive: true });
    expect(elements.filter((name) => name === 'testcase').length).toBeGreaterThan(10);
    expect(code).toBe(0);
  });

  it('reads tokens from the environment', async () => {
    tokens = { token: server.token, otherToken: await server.createToken({ accountId: 'other' }) };
    const { code, text } = await runVerify(server.url, '--only', 'ignored_auth,account_isolation', '--cases', '1');
    tokens = {};
    expect(text).toMatch(/ 0 findings /);
    expect(code).toBe(0);
  });

  it('rejects an unwritable report file before any request', async () => {
    const file = join(tmpdir(), 'there-is-no-such-folder', 'junit.xml');
    const command = ['node', 'server/bin.js', 'verify', 'http://127.0.0.1:9', '--junit', file];
    const { code, stderr } = await run(command, { env: { API_TOKEN: 'x' } });
    expect(stderr).toContain('oauth-apps: --junit takes a writable file, and this one is not writable (ENOENT)');
    expect(code).toBe(2);
  });

  it.each([
    ['an unknown token', () => ['--token', 'unknown'], 'the token is rejected with 401'],
    ['a base URL with /v1', () => [`${server.url}/v1`, '--token', server.token], 'is 404: is the base URL'],
    ['a port without a server', () => ['http://127.0.0.1:9', '--token', 'x'], 'no response'],
  ])('exits 2 for %s', async (_, argsOf, message) => {
    const args = argsOf();
    const { code, text } = await runVerify(...(args[0]?.startsWith('http') ? [] : [server.url]), ...args);
    expect(text).toContain('The implementation cannot be verified: ');
    expect(text).toContain(message);
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
    ['a seed that is not a number', ['http://127.0.0.1', '--token', 'x', '--seed', '1.5']],
    ['too many cases', ['http://127.0.0.1', '--token', 'x', '--cases', '1000000']],
    ['an unknown operation', ['http://127.0.0.1', '--token', 'x', '--operation', 'archive']],
    ['an id that is none', ['http://127.0.0.1', '--token', 'x', '--replay', 'x']],
    ['a header without a name', ['http://127.0.0.1', '--token', 'x', '--header', 'value']],
    ['no time at all', ['http://127.0.0.1', '--token', 'x', '--timeout', '0']],
    ['a missing certificate file', ['https://127.0.0.1', '--token', 'x', '--ca', '/no/such/file']],
    ['a certificate file without a certificate', ['https://127.0.0.1', '--token', 'x', '--ca', 'package.json']],
    ['a port without a proxy', ['http://127.0.0.1', '--token', 'x', '--port', '1']],
    ['a docs page without a report', ['http://127.0.0.1', '--token', 'x', '--docs-url', 'docs']],
    ['a replay of recorded traffic', ['--har', 'x.har', '--replay', '4-b6f5d286']],
    ['a base URL of recorded traffic', ['http://127.0.0.1', '--har', 'x.har']],
    ['a certificate for recorded traffic', ['--har', 'x.har', '--insecure']],
    ['too much coverage', ['http://127.0.0.1', '--token', 'x', '--min-coverage', '101']],
  ])('rejects %s', async (_, args) => {
    await expect(runVerify(...args)).rejects.toThrow(UsageError);
  });

  it('exits 2 and points to --help for unknown options', async () => {
    const { code, stderr } = await run(['node', 'server/bin.js', 'verify', server.url, '--tokens', 'x']);
    expect(stderr).toContain('see oauth-apps verify --help');
    expect(code).toBe(2);
  });

  it('cleans up after Ctrl-C', async () => {
    await server.client.createOAuthApp({ provider: 'github', client_id: 'x', client_secret: 'y', name: 'kept' });
    const before = await server.store.listApps('default');
    const commandLine = `exec node server/bin.js verify ${server.url} --token ${server.token} --cases 5000 2>&1`;
    await using command = await startProcess(['sh', '-c', commandLine], /100 of \d+ cases/);
    command.signal('SIGINT');
    const [code] = await command.closed;
    expect(command.output.stdout).toContain('The run was aborted before the last case.');
    expect(command.output.stdout).not.toContain('could not be deleted');
    expect(await server.store.listApps('default')).toEqual(before);
    expect(code).toBe(2);
  });
});
