// @databases none
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareBundles } from '../../openapi/diff/compare.ts';
import type { Finding, Rating } from '../../openapi/diff/finding.ts';
import { isAtLeast, nextVersion } from '../../openapi/diff/version.ts';
import { copyProject } from '../helpers/project-copy.ts';
import { edit } from './diff-bundles.ts';
import type { Edit } from './diff-edits.ts';
import { bundle } from './documented.ts';

const apps = '/paths/~1v1~1oauth-apps';
const app = '/paths/~1v1~1oauth-apps~1{id}';
const schemas = '/components/schemas';
const parameters = '/components/parameters';
const changesBody = `${app}/patch/requestBody/content`;
const note = { type: 'string', description: 'A note.', 'x-provenance': 'extension' };

const archive = { ...bundle.paths['/v1/oauth-apps/{id}']?.get, operationId: 'archiveOAuthApp' };
const scopes = '/components/securitySchemes/BearerAuth/x-scopes';

/** Changes by rating. All of a rating are made at once; a finding is expected at the pointer of the first edit. */
const changes: Record<Rating, [name: string, ...edits: Edit[]][]> = {
  patch: [
    ['another description', [`${apps}/get/description`, 'Lists.']],
    ['another example', ['/components/examples/ETag/value', '"v2"']],
    ['another provenance', [`${schemas}/OAuthApp/properties/name/x-provenance`, 'inferred']],
    ['another order of enum values', [`${schemas}/HealthStatus/enum`, ['error', 'warn', 'ok']]],
    ['other words for a scope', [`${scopes}/read`, 'Reads.']],
  ],
  minor: [
    ['a new operation', [`${app}/put`, archive]],
    ['a new optional property of a request', [`${schemas}/UpdateOAuthApp/properties/note`, note]],
    ['a new enum value of a request', [`${schemas}/Provider/enum/-`, 'xero']],
    ['a wider limit of a request', [`${schemas}/Name/maxLength`, 300]],
    ['a new response status', [`${apps}/get/responses/410`, { $ref: '#/components/responses/NotFound' }]],
    ['a newly required response property', [`${schemas}/OAuthApp/required/-`, 'health']],
    ['a higher x-max limit', ['/x-max-body-bytes', 1e6]],
    ['a new scope to ask for', [`${scopes}/admin`, 'All.']],
    ['another way to sign in', [`${apps}/get/security/-`, { BearerAuth: ['admin'] }]],
    ['a deprecated operation', [`${app}/delete/deprecated`, true]],
  ],
  major: [
    ['a removed operation', [`${app}/delete`]],
    ['a renamed operation', [`${app}/patch/operationId`, 'changeOAuthApp']],
    ['a removed response status', [`${app}/get/responses/304`]],
    ['a removed response property', [`${schemas}/OAuthApp/properties/health`]],
    ['a response header no longer certain', ['/components/headers/ETag/required', false]],
    [
      'another media type',
      [`${changesBody}/application~1json`],
      [`${changesBody}/text~1json`, { schema: { $ref: '#/components/schemas/UpdateOAuthApp' } }],
    ],
    ['a new required parameter', [`${parameters}/Limit/required`, true]],
    [
      'a new required property of a request',
      [`${schemas}/CreateOAuthApp/required/-`, 'note'],
      [`${schemas}/CreateOAuthApp/properties/note`, note],
    ],
    ['a removed enum value', [`${schemas}/Provider/enum`, ['stripe']]],
    ['a lower limit of a request', [`${schemas}/Name/maxLength`, 100]],
    ['another pattern of a request', [`${schemas}/ClientSecret/pattern`, '^x']],
    ['a lower x-max limit', [`${schemas}/Metadata/x-max-depth`, 8]],
    ['a new x-max limit', [`${schemas}/EntityTags/x-max-tags`, 100]],
    ['another default of a parameter', [`${parameters}/TruncateSecrets/schema/default`, false]],
    ['a new default of a request property', [`${schemas}/CreateOAuthApp/properties/client_id/default`, 'x']],
    ['a removed scope', [`${scopes}/reveal`]],
    ['a removed common security', ['/security']],
    ['an operation without security', [`${apps}/get/security`, []]],
    ['an operation with the common security', [`${apps}/post/security`]],
    ['an operation without its scope', [`${app}/get/security`, [{ BearerAuth: [] }]]],
    ['an operation open to all', [`${app}/patch/security/-`, {}]],
  ],
};

/** Returns the finding at the pointer of a change, or else at its parent. */
function findAt(findings: Finding[], [, ...edits]: [string, ...Edit[]]): Finding | undefined {
  const pointer = `#${edits[0]?.[0].replace(/\/-$/, '')}`;
  const at = (wanted: string) => findings.find((finding) => finding.pointer === wanted);
  return at(pointer) ?? at(pointer.slice(0, pointer.lastIndexOf('/')));
}

describe.each(Object.entries(changes))('%s is', (rating, rows) => {
  let findings: Finding[];

  beforeAll(async () => {
    findings = compareBundles(bundle, edit(bundle, ...rows.flatMap(([, ...edits]) => edits)));
  });

  it.each(rows)('%s', (...row) => {
    expect(findAt(findings, row)).toMatchObject({ rating });
  });

  it('the rating of all of them together', () => {
    expect(findings[0]?.rating).toBe(rating);
    expect(new Set(rows.map((row) => findAt(findings, row))).size).toBe(rows.length);
  });
});

describe.concurrent('a comparison', () => {
  it('finds nothing in another version alone', async () => {
    expect(compareBundles(bundle, edit(bundle, ['/info/version', '9.9.9']))).toEqual([]);
  });

  it('finds another order of servers', async () => {
    const { servers } = bundle as unknown as { servers: unknown[] };
    const findings = compareBundles(bundle, edit(bundle, ['/servers', servers.toReversed()]));
    expect(findings).toEqual([{ rating: 'patch', pointer: '#', message: 'is written differently' }]);
  });

  it('rates a new value in a closed response enum as a break', async () => {
    const closed = edit(bundle, [`${schemas}/Health/properties/status`, { $ref: '#/components/schemas/HealthStatus' }]);
    const [gravest] = compareBundles(closed, edit(closed, [`${schemas}/HealthStatus/enum/-`, 'gone']));
    expect(gravest).toMatchObject({ rating: 'major', message: expect.stringContaining('gone') });
  });

  it('rates a new name in the generated types as a break', async () => {
    const renamed = JSON.stringify(edit(bundle, [`${parameters}/OAuthAppId/name`, 'app']))
      .replace('"/v1/oauth-apps/{id}":', '"/v1/oauth-apps/{app}":')
      .replaceAll('schemas/Name"', 'schemas/AppName"')
      .replace('"Name":', '"AppName":');
    const findings = compareBundles(bundle, JSON.parse(renamed));
    const breaks = findings.filter(({ rating }) => rating === 'major').map(({ message }) => message);
    expect(breaks).toEqual([expect.stringContaining('"AppName"'), expect.stringContaining('"/v1/oauth-apps/{app}"')]);
  });
});

describe('the required version', () => {
  it.each([
    ['0.1.4', 'patch', '0.1.5'],
    ['0.1.4', 'minor', '0.1.5'],
    ['0.1.4', 'major', '0.2.0'],
    ['1.2.3-rc.1', 'major', '2.0.0'],
  ] as const)('after %s and a %s change is %s', (base, rating, required) => {
    expect(nextVersion(base, rating)).toBe(required);
    expect(isAtLeast(base, required)).toBe(false);
    expect(isAtLeast(required, required)).toBe(true);
    expect(isAtLeast('10.0.0', required)).toBe(true);
  });
});

/** Creates a repository whose second commit has version 0.1.0 of the bundle. Dispose of it with `await using`. */
async function openRepository() {
  const copy = await copyProject('openapi', 'package.json', 'generated');
  const folder = join(copy.folder, '.git');
  // Isolates it from the repository, the hooks and the settings under which the tests run.
  const env = {
    GIT_DIR: folder,
    GIT_WORK_TREE: copy.folder,
    GIT_INDEX_FILE: join(folder, 'index'),
    GIT_CONFIG_GLOBAL: join(folder, 'none'),
  };
  const git = async (...words: string[]) => {
    const author = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
    const { code, stdout, stderr } = await copy.run(['git', ...author, ...words], { env });
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const repository = {
    ...copy,
    git,
    diff: (...words: string[]) => copy.run(['node', 'openapi/diff.ts', ...words], { env }),
    async describe(version: string, ...edits: Edit[]) {
      const changed = edit(bundle, ['/info/version', version], ...edits);
      await copy.write('generated/openapi.json', JSON.stringify(changed));
      await copy.write('package.json', JSON.stringify({ version, type: 'module' }));
    },
    async commit(...tags: string[]) {
      await git('add', 'generated');
      await git('commit', '--quiet', '--allow-empty', '--message', 'wip');
      for (const tag of tags) await git('tag', tag);
    },
  };
  await git('init', '--quiet');
  await git('commit', '--quiet', '--allow-empty', '--message', 'wip');
  await repository.describe('0.1.0');
  await repository.commit();
  return repository;
}

describe.concurrent('npm run diff', () => {
  const gone: Edit = [`${app}/delete`];
  const added: Edit = [`${app}/put`, archive];
  const reworded: Edit = [`${apps}/get/description`, 'Lists.'];
  let untouched: Awaited<ReturnType<typeof openRepository>>;

  beforeAll(async () => {
    untouched = await openRepository();
  });
  afterAll(() => untouched[Symbol.asyncDispose]());

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

  it('requires no new version without a change', async () => {
    const { code, stdout } = await untouched.diff('HEAD');
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
    const { code, stderr } = await untouched.diff(...words);
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
