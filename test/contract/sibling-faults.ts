/** Faults that an author of a second resource could make, and what stops each. The resource is the fixture `credentials`. */

/** The gate that stops a fault. */
export type Gate = 'compiler' | 'linter' | 'conformance' | 'tests';

export interface SiblingFault {
  /** The fault, as a noun phrase. */
  readonly name: string;
  readonly file: string;
  readonly from: string;
  /** @default '' */
  readonly to?: string;
  readonly gate: Gate;
  /** The file of the error, the rule, the finding, or the title of the test that names the fault. */
  readonly by: string;
}

const handlers = 'server/credentials/handlers.ts';
const view = 'server/credentials/view.ts';
const record = 'server/store/credentials.ts';
const migration = 'server/store/migrations/0100-credentials.ts';
const schemas = 'openapi/components/schemas';
const compiler = { gate: 'compiler', by: handlers } as const;
const inHandlers = { file: handlers, ...compiler };

/** Faults that do not compile. */
const compiled: readonly SiblingFault[] = [
  {
    ...{ name: 'a secret in clear', ...inHandlers },
    from: '...accessToken.seal(keyRing, own.account_id, own.id, access_token)',
    to: '...{ access_token, access_token_key_id: keyRing.currentKeyId, access_token_version: "" }',
  },
  {
    name: 'a secret left out of a create',
    ...inHandlers,
    from: '      ...refreshToken.seal(keyRing, own.account_id, own.id, refresh_token),\n',
  },
  {
    name: 'a field dropped in a create',
    ...inHandlers,
    from: 'oauth_app_id, name, scopes, access_token, refresh_token, ...rest',
    to: 'oauth_app_id, name, access_token, refresh_token, ...rest',
  },
  {
    name: 'a field dropped in an update',
    ...inHandlers,
    from: '{ name, scopes: scopes && JSON.stringify(scopes), updated_at',
    to: '{ name, updated_at',
  },
  {
    name: 'a secret dropped in an update',
    ...inHandlers,
    from: '        ...accessToken.change(keyRing, caller.accountId, path.id, access_token),\n',
  },
  { name: 'a filter dropped in a list', ...inHandlers, from: 'const { oauth_app_id, limit', to: 'const { limit' },
  {
    name: 'no account in a read',
    ...inHandlers,
    from: 'records.find(caller.accountId, path.id)',
    to: 'records.find(path.id)',
  },
  {
    name: 'a missing ETag',
    ...inHandlers,
    from: '({ ...noStore, ETag: toETag(version) })',
    to: '({ ...noStore, version: String(version) })',
  },
  {
    name: 'a missing no-store',
    ...inHandlers,
    from: 'return { status: 200, slices, headers: noStore };',
    to: 'return { status: 200, slices };',
  },
  {
    name: 'a problem that is not documented',
    ...inHandlers,
    from: "return reject('NotFound');",
    to: "return reject('AccountFull');",
  },
  {
    name: 'a status that is not documented',
    ...inHandlers,
    from: 'return { status: 304, headers: shown };',
    to: 'return { status: 202, headers: shown };',
  },
  {
    name: 'a cursor of another list',
    ...inHandlers,
    from: "operation: 'listCredentials'",
    to: "operation: 'listOAuthApps'",
  },
  {
    name: 'an idempotency key of another operation',
    ...inHandlers,
    from: "operation: 'createCredential' }",
    to: "operation: 'createOAuthApp' }",
  },
  {
    name: 'a create without audit',
    ...inHandlers,
    from: '{ max: maxAppsPerAccount, audit, idempotency }',
    to: '{ max: maxAppsPerAccount, idempotency }',
  },
  {
    name: 'a create without quota',
    ...inHandlers,
    from: '{ max: maxAppsPerAccount, audit, idempotency }',
    to: '{ audit, idempotency }',
  },
  {
    name: 'a missing handler',
    file: 'server/handlers.ts',
    from: ', ...credentials(deps)',
    gate: 'compiler',
    by: 'server/handlers.ts',
  },
  {
    name: 'a field left out of the view',
    file: view,
    from: '      scopes: JSON.parse(record.scopes),\n',
    gate: 'compiler',
    by: view,
  },
  {
    name: 'a secret forgotten in rotation',
    file: record,
    from: "  refresh_token: { keyId: 'refresh_token_key_id', version: 'refresh_token_version' },\n",
    gate: 'compiler',
    by: record,
  },
  {
    name: 'a table forgotten in import',
    file: 'server/store/sql/tables.ts',
    from: '  credentials: credentialFacts,\n',
    gate: 'compiler',
    by: 'server/store/sql/tables.ts',
  },
  {
    name: 'a sequence forgotten in import',
    file: record,
    from: 'isNumbered: true',
    to: 'isNumbered: false',
    gate: 'compiler',
    by: record,
  },
  {
    name: 'a column left out of the statements',
    file: record,
    from: "scopes: 'changed' },",
    to: '},',
    gate: 'compiler',
    by: record,
  },
  {
    name: 'a column that no update replaces',
    file: record,
    from: "name: 'changed'",
    to: "name: 'kept'",
    gate: 'compiler',
    by: record,
  },
];

/** Faults of the description. */
const linted: readonly SiblingFault[] = [
  {
    name: 'an array without a limit',
    file: `${schemas}/Scopes.yaml`,
    from: 'maxItems: 20\n',
    gate: 'linter',
    by: 'contract/array-limited',
  },
  {
    name: 'a secret that is not marked',
    file: `${schemas}/Credential.yaml`,
    from: "    x-secret:\n      mask: '**********'\n",
    gate: 'linter',
    by: 'contract/secret-marked',
  },
  {
    name: 'a filter that is not named',
    file: 'openapi/components/parameters/AppFilter.yaml',
    from: 'x-filters: oauth_app_id\n',
    gate: 'linter',
    by: 'contract/filter-named',
  },
  {
    name: 'a reference to no collection',
    file: `${schemas}/CreateCredential.yaml`,
    from: 'x-refers-to: oauth-apps',
    to: 'x-refers-to: apps',
    gate: 'linter',
    by: 'contract/reference-exists',
  },
];

/** Faults that only a running server shows. */
const verified: readonly SiblingFault[] = [
  {
    name: 'a secret that is shown',
    file: view,
    from: 'access_token: mask',
    to: "access_token: 'a' + mask",
    gate: 'conformance',
    by: 'secret_masking',
  },
  {
    name: 'a filter that is ignored',
    file: handlers,
    from: '{ filter: { oauth_app_id }, after, limit }',
    to: '{ filter: oauth_app_id ? {} : {}, after, limit }',
    gate: 'conformance',
    by: 'filter_semantics',
  },
  {
    name: 'a limit that is ignored',
    file: handlers,
    from: 'after, limit });',
    to: 'after, limit: limit && undefined });',
    gate: 'conformance',
    by: 'paging',
  },
  {
    name: 'an If-Match that is ignored',
    file: handlers,
    from: 'path.id, change, { audit, versions }',
    to: 'path.id, change, { audit, versions: versions && undefined }',
    gate: 'conformance',
    by: 'conditional',
  },
  {
    name: 'an If-None-Match that is ignored',
    file: handlers,
    from: "if (isKnown(headers['If-None-Match'], shown.ETag)) ",
    to: "if (isKnown(headers['If-None-Match'], '')) ",
    gate: 'conformance',
    by: 'conditional',
  },
  {
    name: 'a keyed create that is not stored',
    file: handlers,
    from: 'audit, idempotency });',
    to: 'audit, ...(idempotency && {}) });',
    gate: 'conformance',
    by: 'idempotent',
  },
  {
    name: 'a column forgotten in the migration',
    file: migration,
    from: "'oauth_app_id', 'name', 'scopes',",
    to: "'oauth_app_id', 'name',",
    gate: 'conformance',
    by: 'not_a_server_error',
  },
  {
    name: 'a wrong value in an update',
    file: handlers,
    from: 'const change = {\n        ...{ name,',
    to: 'const change = {\n        ...{ name: name && undefined,',
    gate: 'conformance',
    by: 'partial_update',
  },
  {
    name: 'a record of another account',
    file: handlers,
    from: 'records.find(caller.accountId, path.id)',
    to: "records.find('default', path.id)",
    gate: 'conformance',
    by: 'account_isolation',
  },
];

/** Faults in what the resource has in common with every other. */
const tested: readonly SiblingFault[] = [
  {
    name: 'no account in the statements',
    file: 'server/store/sql/record-statements.ts',
    from: " AND account_id = \u0024{param('account_id')}`;\n  const isAtVersions",
    to: '`;\n  const isAtVersions',
    gate: 'tests',
    by: 'every statement names the account of its rows',
  },
];

export const siblingFaults: readonly SiblingFault[] = [...compiled, ...linted, ...verified, ...tested];
