// @databases none
/** The walks of CONTRIBUTING, taken word for word in copies of the project. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrationNames } from '../../server/store/sql/migrate.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { copied, fixture } from '../helpers/sibling-copy.ts';
import { isSoak } from '../helpers/soak.ts';
import { statusOperation } from '../helpers/status-operation.ts';
import { takeCommands } from '../helpers/take-commands.ts';
import { makeEdits, readWalk } from '../helpers/walks.ts';

const titles = ['Add an operation', 'Add a field', 'Add a resource'];

test.each(titles)('%s changes files and names what the compiler says', (title) => {
  const parts = readWalk(title).flat();
  expect(parts.flatMap(({ edits }) => edits).length).toBeGreaterThan(2);
  expect(parts.flatMap(({ named = [] }) => named).length).toBeGreaterThan(0);
  expect(parts.flatMap(({ commands }) => commands)).toEqual(expect.arrayContaining(['generate', 'check']));
});

test.each(['Add a field', 'Add a resource'])('%s adds a migration after the last one', (title) => {
  const edits = readWalk(title).flatMap((part) => part.flatMap(({ edits }) => edits));
  const places = edits.filter(({ file }) => file.endsWith('/migrate.ts')).map(({ from }) => from);
  expect(places).toEqual(Array(2).fill(expect.stringContaining(migrationNames.at(-1) ?? '')));
});

/** Adds `GET /v1/status` in front of the path with an id, with its handler. */
async function addStatus(copy: ProjectCopy): Promise<void> {
  await copy.write('openapi/paths/v1_status.yaml', statusOperation);
  await copy.edit('openapi/openapi.yaml', 'paths:\n', 'paths:\n  /v1/status:\n    $ref: paths/v1_status.yaml\n');
  const before = '    async deleteOAuthApp(request) {\n';
  const handler = "    getStatus: async () => ({ status: 200, mediaType: 'text/plain', text: 'up' }),\n\n";
  await copy.edit('server/oauth-apps/handlers.ts', before, `${handler}${before}`);
  await copy.edit(
    'test/resources.ts',
    'ofNoResource: readonly OperationId[] = []',
    "ofNoResource: readonly OperationId[] = ['getStatus']",
  );
  await takeCommands(copy, { edits: [], commands: ['generate', 'check'], named: [] });
}

/** Runs the conformance suite on the server of a copy. */
async function verify(copy: ProjectCopy) {
  await cp(join(fixture, 'verify.ts'), join(copy.folder, 'verify.ts'));
  const { stdout, stderr } = await copy.run(['node', 'verify.ts']);
  const [report = `${stdout}${stderr}`] = /^\{.*\}$/m.exec(stdout) ?? [];
  return JSON.parse(report) as { causes: string[]; uncovered: unknown[]; leftBehind: unknown[] };
}

describe.runIf(isSoak)('a walk', () => {
  test.each(['Add an operation', 'Add a field'])('%s ends with a check that passes', async (title) => {
    await using copy = await copyProject(...copied);
    for (const part of readWalk(title).flat()) {
      await makeEdits(copy, part);
      await takeCommands(copy, part);
    }
    await copy.run(['biome', 'check', '--write', '.']);
    const { code, stdout } = await copy.run(['node', 'test/check.ts']);
    expect(code, stdout).toBe(0);
    if (title === 'Add an operation') await addStatus(copy);
    expect(await verify(copy)).toEqual({ causes: [], uncovered: [], leftBehind: [] });
    const files = ['test/resources.test.ts', 'test/store', 'test/postgres/write-batches.test.ts'];
    const tests = ['vitest', 'run', '--project', 'none', '--project', 'postgres', ...files];
    const result = await copy.run(tests, { env: { SOAK: '' } });
    expect(result.code, `${result.stdout}${result.stderr}`).toBe(0);
  });
});
