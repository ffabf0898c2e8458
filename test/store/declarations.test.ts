// @databases none
/** The compiler refuses what a new table, column or field may forget. `npm run check` reads the expected errors. */
import { expect, test } from 'vitest';
import type { OAuthApp } from '../../generated/types.ts';
import type { ListOf } from '../../server/operation-types.ts';
import type { Schema } from '../../server/store/sql/schema.ts';
import {
  type Facts,
  numberedTables,
  type RecordFacts,
  secretSources,
  tableNames,
  tables,
} from '../../server/store/sql/tables.ts';
import type { AppChange } from '../../server/store/store.ts';

const apps = tables.oauth_apps;

test('a forgotten declaration does not compile', () => {
  const forgotten = [
    // @ts-expect-error A column of sealed secrets.
    { ...apps, secrets: {} } satisfies Facts<'oauth_apps'>,
    // @ts-expect-error The version beside a sealed secret.
    { ...apps, secrets: { client_secret: { keyId: 'secret_key_id' } } } satisfies Facts<'oauth_apps'>,
    // @ts-expect-error The sequence of a numbered table.
    { ...apps, isNumbered: false } satisfies Facts<'oauth_apps'>,
    // @ts-expect-error A key of columns that exist.
    { ...apps, key: ['uuid'] } satisfies Facts<'oauth_apps'>,
    // @ts-expect-error The column of the account.
    { key: apps.key, isNumbered: true, secrets: apps.secrets } satisfies Facts<'oauth_apps'>,
    // @ts-expect-error A field that an update may replace.
    { name: 'New', metadata: undefined, properties: undefined, updated_at: '' } satisfies AppChange,
    // @ts-expect-error A secret in clear.
    { client_secret: 'in clear' } satisfies Pick<Schema['oauth_apps'], 'client_secret'>,
    // @ts-expect-error A column of the records.
    { id: 'kept', account_id: 'kept' } satisfies RecordFacts<'oauth_apps'>['columns'],
    // @ts-expect-error A column that an update replaces.
    { ...apps.record.columns, name: 'kept' } satisfies RecordFacts<'oauth_apps'>['columns'],
    // @ts-expect-error The counter of the quota.
    { ...apps.record, counter: 'position' } satisfies RecordFacts<'oauth_apps'>,
    // @ts-expect-error The operation whose list a cursor belongs to.
    'getOAuthApp' satisfies ListOf<OAuthApp>,
  ];
  expect(forgotten).toHaveLength(11);
});

test('rotation and import follow from the tables', () => {
  const beside = { keyId: 'secret_key_id', version: 'secret_version' };
  expect(secretSources).toContainEqual({ table: 'oauth_apps', column: 'client_secret', ...beside });
  expect(numberedTables).toEqual(expect.arrayContaining(['oauth_apps', 'audit']));
  expect(tableNames).toContain('idempotency_keys');
});
