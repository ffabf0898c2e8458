// @databases none
import { beforeAll, describe, expect, it } from 'vitest';
import { compareBundles } from '../../openapi/diff/compare.ts';
import type { Finding, Rating } from '../../openapi/diff/finding.ts';
import { isAtLeast, nextVersion } from '../../openapi/diff/version.ts';
import { edit } from './diff-bundles.ts';
import type { Edit } from './diff-edit-places.ts';
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
