// @databases postgres
import { expect, test } from 'vitest';
import { createDeployment, createEmptyDeployment, expectStartFailure } from '../helpers/server-process.ts';

test('a start without configured keys fails', async () => {
  await using deployment = await createDeployment();
  const reason = /^The secret keys cannot be used: PostgreSQL needs .* Set SECRET_KEYS or SECRET_KEYS_FILE\.$/m;
  await expectStartFailure(deployment, { SECRET_KEYS: '' }, reason);
});

test.each<[string, Partial<URL>, RegExp]>([
  ['a port without a listener', { port: '9' }, /\(ECONNREFUSED\)\. Look at DATABASE_URL\.$/m],
  ['a wrong password', { password: 'canary' }, /\(28P01\)\. Look at DATABASE_URL\.$/m],
  ['a database that does not exist', { pathname: '/canary' }, /\(3D000\)\. Look at DATABASE_URL\.$/m],
])('%s stops the start', async (_name, change, reason) => {
  await using deployment = await createDeployment();
  await expectStartFailure(
    deployment,
    { DATABASE_URL: Object.assign(new URL(deployment.database.url), change).href },
    reason,
  );
});

test('a start prints the database URL without the password', async () => {
  await using deployment = await createEmptyDeployment();
  await using server = await deployment.startServerHere();
  const { host, pathname } = new URL(deployment.database.url);
  expect(server.output.stdout).toContain(`Data   postgres://${host}${pathname}\n`);
  expect(server.output.stdout).toContain('oauth-apps token create');
  expect(server.output.stdout).not.toMatch(/oar_|postgres:postgres/);
});
