// @databases sqlite
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getFile } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { run, startProcess } from '../helpers/process.ts';
import { createDeployment, type DeployedServer, type Deployment } from '../helpers/server-process.ts';

const deployment: Deployment = await createDeployment();
let server: DeployedServer;
beforeAll(async () => {
  server = await deployment.startServerHere({ API_TOKEN: 'YOUR_API_TOKEN' });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
});

const { stdout: overview } = await deployment.runProgram(['--help']);
const commands = [...overview.matchAll(/^ {2}(\w+(?:[ -]\w+)*) {2,}(.+)$/gm)].map(([, name = '', summary = '']) => ({
  name,
  summary,
}));
const list = 'GET /v1/oauth-apps';
const create = 'POST /v1/oauth-apps';
const body = example('CreateOAuthApp');

/** Creates a token with the command. Returns it with its id and the output. */
async function createToken(...options: string[]) {
  const { code, stdout, stderr } = await deployment.runCommand(['token', 'create', ...options]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const token = lines.at(-1) ?? '';
  expect(token).toMatch(/^oar_[\w-]{49}$/);
  expect(stdout.indexOf(token)).toBe(stdout.length - token.length - 1);
  const [, id = ''] = /^Token (\S+) /.exec(stdout) ?? [];
  return { token, id, stdout };
}

/** Runs a command and splits its lines at tabs. */
async function listRows(...words: string[]): Promise<string[][]> {
  const { code, stdout } = await deployment.runCommand(words);
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
}

describe('usage', () => {
  test('the overview lists every command', async () => {
    expect(commands.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'serve',
        'token create',
        'token list',
        'token revoke',
        'rotate-keys',
        'backup',
        'import',
        'audit',
      ]),
    );
    expect(await deployment.runProgram([])).toEqual({ code: 2, stdout: overview, stderr: '' });
  });

  test.each(commands)('$name --help explains the command', async ({ name, summary }) => {
    const { code, stdout, stderr } = await deployment.runCommand([...name.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: oauth-apps ${name}`);
    expect(stdout).toContain(summary);
    expect(stdout).toMatch(/^ {2}-h, --help /m);
    expect(stdout).toContain('Examples:\n  $ oauth-apps ');
    expect(stdout).toContain('Exit codes:\n  0  ');
  });

  test.each([
    ['an unknown command', 'canary', 'no such command'],
    ['half a command', 'token', 'no such command'],
    [
      'an unknown option',
      'serve --prot canary',
      'no option --prot (Did you mean --port?); see oauth-apps serve --help',
    ],
    ['an unknown option with its value', 'serve --prot=canary', 'no option --prot; see oauth-apps serve --help'],
    ['a misspelled command', 'sevre canary', 'no such command (Did you mean serve?)'],
    ['a misspelled half', 'token crate canary', 'no such command (Did you mean create?)'],
    ['an option without its value', 'token create --scopes', 'see oauth-apps token create --help'],
    ['a missing argument', 'token revoke', 'takes 1 argument'],
    ['one argument too many', 'audit canary', 'takes 0 arguments'],
    ['no scopes', 'token create', '--scopes takes'],
    ['an unknown scope', 'token create --scopes read,canary', '--scopes takes'],
    ['an invalid account', 'token create --scopes read --account ../canary', '--account takes'],
    ['an invalid account to list', 'token list --account ../canary', '--account takes'],
    ['a time in words', 'audit --since canary', '--since takes'],
    ['a number for a time', 'audit --since 7', '--since takes'],
    ['an empty batch', 'rotate-keys --batch 0', '--batch takes'],
    ['a backup without a file', 'backup', 'takes 1 argument'],
    ['an empty name for a backup', 'backup ', 'takes the name of a file'],
    ['an import without a source', 'import --to sqlite:canary', '--from takes'],
    ['an import to an unknown database', 'import --from sqlite:a --to canary://x', '--to takes'],
    ['an import from memory', 'import --from sqlite::memory: --to sqlite:canary', '--from takes'],
    ['an import into its source', 'import --from sqlite:canary --to sqlite:canary', 'take two databases'],
    ['a batch in words', 'rotate-keys --batch canary', '--batch takes'],
  ])('%s exits 2 with the usage', async (_name, words, reason) => {
    const { code, stdout, stderr } = await deployment.runCommand(words.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).toContain(overview.trimEnd());
    expect(stderr).not.toMatch(/canary|^ +at /m);
  });

  test('an invalid setting exits 1', async () => {
    const { code, stderr } = await deployment.runCommand(['token', 'list'], { DATABASE_URL: 'foo://user:canary@x' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^DATABASE_URL must be sqlite:<file> or postgres:\S+\.\n$/),
    });
  });
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  for (const option of ['--version', '-v']) {
    expect(await deployment.runCommand([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  }
});

test('completion completes commands and options in bash', async () => {
  const { stdout } = await deployment.runCommand(['completion', 'bash']);
  const complete = async (...words: string[]) => {
    const call = `COMP_WORDS=(oauth-apps ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _oauth_apps`;
    return (await run(['bash', '-c', `${stdout}\n${call}; echo "\${COMPREPLY[@]}"`])).stdout.trim();
  };
  expect(await complete('se')).toBe('serve');
  expect(await complete('token', '')).toBe('create list revoke');
  expect(await complete('token', 'create', '--sc')).toBe('--scopes');
  expect(await complete('audit', '--account', 'acme', '--j')).toBe('--json');
  expect(await deployment.runCommand(['completion', 'tcsh'])).toMatchObject({ code: 2 });
});

test('--json prints rows as JSON', async () => {
  const { id } = await createToken('--account', 'json', '--scopes', 'read,write');
  const { stdout } = await deployment.runCommand(['token', 'list', '--account', 'json', '--json']);
  const facts = { created: expect.any(String), prefix: expect.stringMatching(/^oar_/) };
  const row = { id, account: 'json', scopes: ['read', 'write'], ...facts, status: 'usable' };
  expect(JSON.parse(stdout)).toEqual(row);
});

test('serve runs until it is stopped', async () => {
  await using other = await createDeployment();
  const words = ['node', 'server/bin.js', 'serve', '--port', '0', '--host', '127.0.0.1'];
  const env = { ...other.settings, PORT: 'replaced', HOST: 'replaced' };
  await using served = await startProcess(words, /API +(http:\/\/127\.0\.0\.1:\d+)/, { env });
  expect((await fetch(`${served.match[1]}/readyz`)).status).toBe(200);
  served.signal('SIGTERM');
  expect(await served.closed).toEqual([0, null]);
});

test('a token is shown once and stored nowhere', async () => {
  const { token, id } = await createToken('--scopes', 'read');
  const rest = [await deployment.runCommand(['token', 'list']), await deployment.runCommand(['audit']), server.output];
  for (const { stdout, stderr } of rest) expect(stdout + stderr).not.toContain(token);
  for (const suffix of ['', '-wal'])
    expect(await readFile(getFile(deployment.database) + suffix, 'latin1')).not.toContain(token);
  expect((await listRows('token', 'list')).map(([listed]) => listed)).toContain(id);
});

test('a token has only its scopes', async () => {
  const { token } = await createToken('--scopes', 'read, read');
  expect(await server.send(list, { token })).toMatchObject({ status: 200 });
  expect(await server.send(create, { token, body })).toMatchObject({ status: 403 });
  expect(await server.send(`${list}?truncate_secrets=false`, { token })).toMatchObject({ status: 403 });
});

test('a token reaches its own account only', async () => {
  const { token, id } = await createToken('--account', 'acme', '--scopes', 'write,read');
  const created = await server.send(create, { token, body });
  expect((await server.send(list, { token })).json.data).toEqual([created.json]);
  expect(await server.send(`GET /v1/oauth-apps/${created.json.id}`)).toMatchObject({ status: 404 });
  const time = expect.stringMatching(/^\d{4}-.*Z$/);
  const facts = [expect.stringMatching(/^oar_[\w-]{6}$/), '-', '-', expect.stringMatching(/^(-|\d{4}-\d\d-\d\d)$/)];
  expect(await listRows('token', 'list', '--account', 'acme')).toEqual([
    [id, 'acme', 'write,read', time, ...facts, 'usable'],
  ]);
});

test('a revoked token is rejected at the next request', async () => {
  const { token, id } = await createToken('--account', 'gone', '--scopes', 'read');
  expect(await server.send(list, { token })).toMatchObject({ status: 200 });
  expect(await deployment.runCommand(['token', 'revoke', id])).toMatchObject({ code: 0 });
  expect(await server.send(list, { token })).toMatchObject({ status: 401 });
  const [row] = await listRows('token', 'list', '--account', 'gone');
  expect(row?.at(-1)).toMatch(/^revoked \d{4}-/);
  const again = await deployment.runCommand(['token', 'revoke', id]);
  expect(again).toMatchObject({ code: 1, stdout: expect.stringContaining('There is no usable token with this id') });
});

test('the audit is filtered by account and time', async () => {
  const { token } = await createToken('--account', 'audited', '--scopes', 'read,write,reveal');
  const { id } = (await server.send(create, { token, body })).json;
  await server.send(`${list}?truncate_secrets=false`, { token });
  await server.send(`PATCH /v1/oauth-apps/${id}`, { token, body: { name: 'New' } });
  await server.send(`DELETE /v1/oauth-apps/${id}`, { token });
  await server.send(create, { body });
  const rows = await listRows('audit', '--account', 'audited');
  expect(rows.map(([_at, account, _token, operation, app, fields]) => [account, operation, app, fields])).toEqual([
    ['audited', 'token create', '-', 'read,write,reveal'],
    ['audited', 'createOAuthApp', id, Object.keys(body).join(',')],
    ['audited', 'listOAuthApps', '-', 'client_secret'],
    ['audited', 'updateOAuthApp', id, 'name'],
    ['audited', 'deleteOAuthApp', id, '-'],
  ]);
  const all = await listRows('audit');
  expect(new Set(all.map(([, account]) => account))).toContain('default');
  const [since = ''] = rows[3] ?? [];
  expect(await listRows('audit', '--since', since)).toEqual(all.filter(([at = '']) => at >= since));
  expect(await listRows('audit', '--since', '2999-01-01')).toEqual([]);
});

test('no audit row contains a value', async () => {
  const { stdout } = await deployment.runCommand(['audit']);
  for (const value of [body.name, body.client_id, body.client_secret]) expect(stdout).not.toContain(value);
});
