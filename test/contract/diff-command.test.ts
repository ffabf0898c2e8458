// @databases none
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDiff } from '../../openapi/diff/run.ts';
import { run } from '../helpers/process.ts';
import { edit } from './diff-bundles.ts';
import type { Edit } from './diff-edit-places.ts';
import { bundle } from './documented.ts';

const apps = '/paths/~1v1~1oauth-apps';
const app = '/paths/~1v1~1oauth-apps~1{id}';
const archive = { ...bundle.paths['/v1/oauth-apps/{id}']?.get, operationId: 'archiveOAuthApp' };

/** Opens a repository in a folder. */
function openRepositoryIn(folder: string) {
  const gitFolder = join(folder, '.git');
  // Isolates it from the repository, the hooks and the settings under which the tests run.
  const env = {
    GIT_DIR: gitFolder,
    GIT_WORK_TREE: folder,
    GIT_INDEX_FILE: join(gitFolder, 'index'),
    GIT_CONFIG_GLOBAL: join(gitFolder, 'none'),
  };
  const write = (file: string, text: string) => writeFile(join(folder, file), text);
  const git = async (...words: string[]) => {
    const author = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
    const { code, stdout, stderr } = await run(['git', ...author, ...words], { cwd: folder, env });
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  return {
    folder,
    write,
    git,
    diff: (...words: string[]) => runDiff(words, folder, { ...process.env, ...env }),
    async describe(version: string, ...edits: Edit[]) {
      const changed = edit(bundle, ['/info/version', version], ...edits);
      await write('generated/openapi.json', JSON.stringify(changed));
      await write('package.json', JSON.stringify({ version, type: 'module' }));
    },
    async commit(...tags: string[]) {
      await git('add', '.');
      await git('commit', '--quiet', '--allow-empty', '--message', 'wip');
      for (const tag of tags) await git('tag', tag);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const makeFolder = () => mkdtemp(join(tmpdir(), 'oauth-apps-repository-'));
let template: ReturnType<typeof openRepositoryIn>;

beforeAll(async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, 'generated'));
  template = openRepositoryIn(folder);
  await template.git('init', '--quiet', '--template=');
  await template.git('commit', '--quiet', '--allow-empty', '--message', 'wip');
  await template.describe('0.1.0');
  await template.commit();
});
afterAll(() => template[Symbol.asyncDispose]());

/** Copies a repository whose second commit has version 0.1.0 of the bundle. Dispose of it with `await using`. */
async function openRepository() {
  const folder = await makeFolder();
  await cp(template.folder, folder, { recursive: true });
  return openRepositoryIn(folder);
}

describe.concurrent('npm run diff', () => {
  const gone: Edit = [`${app}/delete`];
  const added: Edit = [`${app}/put`, archive];
  const reworded: Edit = [`${apps}/get/description`, 'Lists.'];
  it.each([
    ['major', gone, '0.2.0'],
    ['minor', added, '0.1.1'],
    ['patch', reworded, '0.1.1'],
  ] as const)('requires a new version after a %s change', async (rating, change, required) => {
    await using repository = await openRepository();
    await repository.describe('0.1.0', change);
    const unchanged = await repository.diff();
    await repository.describe(required, change);
    const raised = await repository.diff();
    expect(unchanged).toMatchObject({ code: 1, stderr: expect.stringContaining(`must be at least ${required}`) });
    expect(unchanged.stdout).toContain(`a ${rating} change`);
    expect(raised).toMatchObject({ code: 0, stderr: '' });
  });

  it('compares the declarations that the package exports', async () => {
    await using repository = await openRepository();
    const entry = { types: './dist/package/index.d.ts' };
    await repository.write('package.json', JSON.stringify({ version: '0.1.0', exports: { '.': entry } }));
    await repository.write('tsconfig.json', '{ "compilerOptions": { "lib": [], "types": [] } }');
    await repository.write('index.ts', 'export const one = 1; export const two = 2;');
    await repository.commit('v0.1.0');
    await repository.write('index.ts', 'export const one = 1;');
    await repository.commit();
    const { code, stdout } = await repository.diff();
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('major  package/two: was removed') });
  });

  it('requires no new version without a change', async () => {
    const { code, stdout } = await template.diff('HEAD');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Nothing changed.') });
  });

  it('compares with the first commit that has a bundle', async () => {
    await using repository = await openRepository();
    const first = await repository.git('rev-parse', '--short=12', 'HEAD');
    await repository.describe('0.1.1', reworded);
    await repository.commit();
    const { code, stdout } = await repository.diff();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`${first} (0.1.0) → working tree`) });
  });

  it('compares with the last release when there is one', async () => {
    await using repository = await openRepository();
    await repository.describe('0.2.0', gone);
    await repository.commit('v0.2.0');
    await repository.describe('0.2.0', gone, reworded);
    await repository.commit('v0.3.0-rc.1');
    const { code, stdout, stderr } = await repository.diff();
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('v0.2.0 (0.2.0) → working tree') });
    expect(stderr).toContain('must be at least 0.2.1');
  });

  it('compares a release with the one before', async () => {
    await using repository = await openRepository();
    await repository.commit('v0.1.0');
    await repository.describe('0.1.1', reworded);
    await repository.commit('v0.1.1');
    const released = await repository.diff();
    expect(released).toMatchObject({ code: 0, stdout: expect.stringContaining('v0.1.0 (0.1.0) → working tree') });
    // Sources that the package exports change without the bundle.
    await repository.write('package.json', JSON.stringify({ version: '0.1.1', type: 'module', sideEffects: false }));
    expect((await repository.diff()).stdout).toContain('v0.1.1 (0.1.1) → working tree');
    await repository.describe('0.1.1', reworded, gone);
    const changed = await repository.diff();
    expect(changed).toMatchObject({ code: 1, stdout: expect.stringContaining('v0.1.1 (0.1.1) → working tree') });
  });

  it('compares the first release with the first bundle', async () => {
    await using repository = await openRepository();
    const first = await repository.git('rev-parse', '--short=12', 'HEAD');
    await repository.describe('0.1.1', reworded);
    await repository.commit('v0.1.1');
    const { code, stdout } = await repository.diff();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`${first} (0.1.0) → working tree`) });
  });

  it('writes JSON and annotations', async () => {
    await using repository = await openRepository();
    await repository.describe('0.2.0', gone, added, reworded);
    const json = JSON.parse((await repository.diff('HEAD', '--format', 'json')).stdout);
    expect(json).toMatchObject({ rating: 'major', required: '0.2.0', version: '0.2.0' });
    expect(json.findings[0]).toMatchObject({ rating: 'major', pointer: `#${gone[0]}`, reason: expect.any(String) });
    const lines = (await repository.diff('HEAD', '--format', 'github')).stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('::'))).toEqual([
      expect.stringMatching(
        /^::error file=generated\/openapi.json,title=major%3A DELETE [^:,]*::Operation .* was removed/,
      ),
      expect.stringMatching(/^::notice file=generated\/openapi.json,title=minor%3A PUT [^:,]*::was added$/),
    ]);
  });

  it('writes a changelog in Markdown', async () => {
    await using repository = await openRepository();
    await repository.describe('0.2.0', gone, added, reworded);
    const { stdout } = await repository.diff('HEAD', '--format', 'markdown');
    expect(stdout.trim().split('\n\n')).toEqual([
      '## 0.2.0',
      '### Breaking',
      expect.stringMatching(/^- \*\*DELETE \/v1\/oauth-apps\/\{id\}\*\*: Operation .* was removed$/),
      '### New',
      '- **PUT /v1/oauth-apps/{id}**: was added',
      '### Words and examples',
      'GET /v1/oauth-apps',
    ]);
  });

  it('rejects a package.json with another version', async () => {
    await using repository = await openRepository();
    await repository.write('package.json', '{"version":"0.1.1","type":"module"}');
    const { code, stderr } = await repository.diff();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('package.json has 0.1.1') });
  });

  it.each([
    ['an unknown ref', ['v9.9.9'], 'git finds no commit named "v9.9.9"'],
    ['a commit without a bundle', ['HEAD~1'], 'HEAD~1 has no generated/openapi.json'],
    ['two refs', ['HEAD', 'HEAD~1'], 'Give at most one git ref'],
    ['an unknown format', ['--format', 'html'], '--format must be one of text, markdown, json, github'],
    ['an unknown option', ['--major'], "Unknown option '--major'"],
  ])('rejects %s', async (_, words, message) => {
    const { code, stderr } = await template.diff(...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('rejects a shallow clone', async () => {
    await using repository = await openRepository();
    await repository.describe('0.1.0', reworded);
    await repository.commit();
    await repository.write('.git/shallow', await repository.git('rev-parse', 'HEAD'));
    const { code, stderr } = await repository.diff();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('git fetch --unshallow') });
  });

  it('rejects a folder that is no repository', async () => {
    await using repository = await openRepository();
    await rm(join(repository.folder, '.git'), { recursive: true });
    const { code, stderr } = await repository.diff();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('is not in a git repository') });
  });
});
