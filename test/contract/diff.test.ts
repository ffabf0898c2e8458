import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareBundles } from '../../openapi/diff/compare.ts';
import type { Finding } from '../../openapi/diff/rate.ts';
import type { Rating } from '../../openapi/diff/redocly.ts';
import { isAtLeast, nextVersion } from '../../openapi/diff/version.ts';
import type { Bundle } from '../../openapi/generate/bundle.ts';
import { copyProject } from '../helpers/copy.ts';
import { bundle } from './documented.ts';

/** Puts a value at a JSON pointer, takes it away where there is none, adds it to a list at `-`. */
type Edit = [pointer: string, value?: unknown];
type Node = Record<string, unknown>;

const apps = '/paths/~1v1~1oauth-apps';
const app = '/paths/~1v1~1oauth-apps~1{id}';
const schemas = '/components/schemas';
const parameters = '/components/parameters';
const changesBody = `${app}/patch/requestBody/content`;
const note = { type: 'string', description: 'A note.', 'x-provenance': 'extension' };

/** A copy of the bundle with other values at some places. */
function edit(original: Bundle, ...edits: Edit[]): Bundle {
  const copy = structuredClone(original);
  for (const [pointer, value] of edits) {
    const names = pointer.split('/').slice(1);
    const [last = '', ...rest] = names.map((name) => name.replaceAll('~1', '/')).reverse();
    const parent = rest.reverse().reduce((at, name) => at[name] as Node, copy as unknown as Node);
    if (Array.isArray(parent) && last === '-') parent.push(value);
    else if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return copy;
}

const archive = { ...bundle.paths['/v1/oauth-apps/{id}']?.get, operationId: 'archiveOAuthApp' };
const scopes = '/components/securitySchemes/BearerAuth/x-scopes';

/** What may change, by what it demands. All of a kind are made at once; the first edit is where it is reported. */
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
    ['a firmer answer', [`${schemas}/OAuthApp/required/-`, 'health']],
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

/** The finding at the place of a change, or at the node that the place is a property of. */
function findAt(findings: Finding[], [, ...edits]: [string, ...Edit[]]): Finding | undefined {
  const place = `#${edits[0]?.[0].replace(/\/-$/, '')}`;
  const at = (wanted: string) => findings.find(({ pointer }) => pointer === wanted);
  return at(place) ?? at(place.slice(0, place.lastIndexOf('/')));
}

describe.each(Object.entries(changes))('%s is', (rating, rows) => {
  let findings: Finding[];

  beforeAll(async () => {
    findings = await compareBundles(bundle, edit(bundle, ...rows.flatMap(([, ...edits]) => edits)));
  });

  it.each(rows)('%s', (...row) => {
    expect(findAt(findings, row)).toMatchObject({ rating });
  });

  it('what all of them together are', () => {
    expect(findings[0]?.rating).toBe(rating);
    expect(new Set(rows.map((row) => findAt(findings, row))).size).toBe(rows.length);
  });
});

describe.concurrent('a comparison', () => {
  it('finds nothing in another version alone', async () => {
    expect(await compareBundles(bundle, edit(bundle, ['/info/version', '9.9.9']))).toEqual([]);
  });

  it('finds another order of servers', async () => {
    const { servers } = bundle as unknown as { servers: unknown[] };
    const findings = await compareBundles(bundle, edit(bundle, ['/servers', servers.toReversed()]));
    expect(findings).toEqual([{ rating: 'patch', pointer: '#', message: 'is written otherwise' }]);
  });

  it('takes a new value in a closed response enum for a break', async () => {
    const closed = edit(bundle, [`${schemas}/Health/properties/status`, { $ref: '#/components/schemas/HealthStatus' }]);
    const [gravest] = await compareBundles(closed, edit(closed, [`${schemas}/HealthStatus/enum/-`, 'gone']));
    expect(gravest).toMatchObject({ rating: 'major', message: expect.stringContaining('gone') });
  });

  it('takes a name that the types know for a promise', async () => {
    const renamed = JSON.stringify(edit(bundle, [`${parameters}/OAuthAppId/name`, 'app']))
      .replace('"/v1/oauth-apps/{id}":', '"/v1/oauth-apps/{app}":')
      .replaceAll('schemas/Name"', 'schemas/AppName"')
      .replace('"Name":', '"AppName":');
    const findings = await compareBundles(bundle, JSON.parse(renamed));
    const breaks = findings.filter(({ rating }) => rating === 'major').map(({ message }) => message);
    expect(breaks).toEqual([expect.stringContaining('"AppName"'), expect.stringContaining('"/v1/oauth-apps/{app}"')]);
  });
});

describe('the demanded version', () => {
  it.each([
    ['0.1.4', 'patch', '0.1.5'],
    ['0.1.4', 'minor', '0.1.5'],
    ['0.1.4', 'major', '0.2.0'],
    ['1.2.3-rc.1', 'major', '2.0.0'],
  ] as const)('after %s and a %s change is %s', (base, rating, demanded) => {
    expect(nextVersion(base, rating)).toBe(demanded);
    expect(isAtLeast(base, demanded)).toBe(false);
    expect(isAtLeast(demanded, demanded)).toBe(true);
    expect(isAtLeast('10.0.0', demanded)).toBe(true);
  });
});

/** A repository whose second commit has version 0.1.0 of the bundle. Dispose of it with `await using`. */
async function openRepository() {
  const copy = await copyProject('openapi', 'package.json', 'generated');
  const folder = join(copy.folder, '.git');
  // Of its own, whatever repository, hook or settings the tests run under.
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
  ] as const)('wants a new version after a %s change', async (rating, change, demanded) => {
    await using repository = await openRepository();
    await repository.describe('0.1.0', change);
    const unchanged = await repository.diff();
    await repository.describe(demanded, change);
    const raised = await repository.diff();
    expect(unchanged).toMatchObject({ code: 1, stderr: expect.stringContaining(`must be at least ${demanded}`) });
    expect(unchanged.stdout).toContain(`a ${rating} change`);
    expect(raised).toMatchObject({ code: 0, stderr: '' });
  });

  it('wants nothing where nothing changed', async () => {
    const { code, stdout } = await untouched.diff('HEAD');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Nothing changed.') });
  });

  it('begins at the first commit with a bundle', async () => {
    await using repository = await openRepository();
    const first = await repository.git('rev-parse', '--short=12', 'HEAD');
    await repository.describe('0.1.1', reworded);
    await repository.commit();
    const { code, stdout } = await repository.diff();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`${first} (0.1.0) → working tree`) });
  });

  it('begins at the last release once there is one', async () => {
    await using repository = await openRepository();
    await repository.describe('0.2.0', gone);
    await repository.commit('v0.2.0');
    await repository.describe('0.2.0', gone, reworded);
    await repository.commit('v0.3.0-rc.1');
    const { code, stdout, stderr } = await repository.diff();
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('v0.2.0 (0.2.0) → working tree') });
    expect(stderr).toContain('must be at least 0.2.1');
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

  it('objects to a package of another version', async () => {
    await using repository = await openRepository();
    await repository.write('package.json', '{"version":"0.1.1","type":"module"}');
    const { code, stderr } = await repository.diff();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('package.json says 0.1.1') });
  });

  it.each([
    ['a ref that is not there', ['v9.9.9'], 'git knows no commit named "v9.9.9"'],
    ['a commit without a bundle', ['HEAD~1'], 'HEAD~1 has no generated/openapi.json'],
    ['two refs', ['HEAD', 'HEAD~1'], 'One git ref at most'],
    ['an unknown format', ['--format', 'html'], '--format is one of text, markdown'],
    ['an unknown option', ['--major'], "Unknown option '--major'"],
  ])('refuses %s', async (_, words, message) => {
    const { code, stderr } = await untouched.diff(...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('refuses to guess in a shallow clone', async () => {
    await using repository = await openRepository();
    await repository.describe('0.1.0', reworded);
    await repository.commit();
    await repository.write('.git/shallow', await repository.git('rev-parse', 'HEAD'));
    const { code, stderr } = await repository.diff();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('git fetch --unshallow') });
  });

  it('refuses a folder that is no repository', async () => {
    await using repository = await openRepository();
    await rm(join(repository.folder, '.git'), { recursive: true });
    const { code, stderr } = await repository.diff();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('is not in a git repository') });
  });
});
