// @databases postgres
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { hashToken } from '../../server/keys/tokens.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { createDeployment, type Deployment } from '../helpers/server-process.ts';

const canary = 'canary-7f3b1c52';
const token = `own-token-k7Qm2Zx9Lp4Vt8Rb3Nc-${canary}`;
const valid = example('CreateOAuthApp');
const body = { ...valid, name: canary, client_id: canary, client_secret: canary, metadata: { [canary]: canary } };

/** Makes the database reject the rows of a table with an error that quotes the row. */
const rejectRows = ({ database }: Deployment, table: string) =>
  database.rows(sql`ALTER TABLE ${sql.table(table)} ADD CHECK (false) NOT VALID`);

/** Makes the database raise an error that quotes the row, in message, detail and hint. */
async function raiseErrors({ database }: Deployment, table: string) {
  await database.rows(sql`CREATE FUNCTION raise_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION E'% \n    at canary (canary:1:1)', NEW USING DETAIL = NEW::text, HINT = NEW::text; END $$`);
  await database.rows(
    sql`CREATE TRIGGER raise_row BEFORE INSERT ON ${sql.table(table)} FOR EACH ROW EXECUTE FUNCTION raise_row()`,
  );
}

function expectNoCanary(...texts: string[]) {
  const hash = hashToken(token);
  for (const text of texts) for (const value of ['canary', hash, hash.slice(0, 16)]) expect(text).not.toContain(value);
}

test('a row rejected by the database is never quoted', async () => {
  await using deployment = await createDeployment();
  await using server = await deployment.startServer({ API_TOKEN: token, LOG_LEVEL: 'trace' });
  await rejectRows(deployment, 'oauth_apps');
  await raiseErrors(deployment, 'idempotency_keys');
  const headers = { 'Idempotency-Key': canary };
  const responses = [
    await server.send('POST /v1/oauth-apps', { body }),
    await server.send('POST /v1/oauth-apps', { body, headers }),
  ];
  expect(responses.map(({ status }) => status)).toEqual([500, 500]);
  const readCodes = () => [...server.output.stderr.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code);
  // The log may arrive after the responses.
  await eventually(() => expect(readCodes()).toEqual(['23514', 'P0001']));
  console.log(`error texts: 2 faults, logged as ${readCodes().join(' and ')}`);
  expectNoCanary(server.output.stdout, server.output.stderr, ...responses.map(({ text }) => text));
});

test('a failed start quotes no row', async () => {
  await using deployment = await createDeployment();
  await rejectRows(deployment, 'api_tokens');
  const { code, stdout, stderr } = await deployment.runServer({ API_TOKEN: token });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^This should not have happened: error 23514\. Please report it with these lines\.\n {4}at /);
  expectNoCanary(stdout, stderr);
});

test('a failed command quotes no row', async () => {
  await using deployment = await createDeployment();
  await rejectRows(deployment, 'api_tokens');
  const { code, stdout, stderr } = await deployment.runCommand([
    'token',
    'create',
    '--account',
    canary,
    '--scopes',
    'read',
  ]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^This should not have happened: error 23514\./);
  expectNoCanary(stdout, stderr);
});
