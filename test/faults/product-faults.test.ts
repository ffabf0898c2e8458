// @databases none
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../helpers/process.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { isSoak } from '../helpers/soak.ts';
import { productFaults } from './product-faults.ts';

const parts = ['client', 'generated', 'openapi', 'server', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** Returns the command that has to fail. */
const commandOf = (caughtBy: string) =>
  caughtBy === 'types' ? ['tsc', '--noEmit'] : ['vitest', 'run', '--bail', '1', ...caughtBy.split(' ')];

// Each fault needs a run of its own, so all of them take minutes.
describe.runIf(isSoak)('a fault of the product is caught', () => {
  let copy: ProjectCopy;
  beforeAll(async () => {
    copy = await copyProject(...parts, 'README.md', 'CHANGELOG.md', 'redocly.yaml', '.github');
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  test.each(productFaults)('$name by $caughtBy', async ({ file, from, to, caughtBy }) => {
    const text = await copy.read(file);
    await copy.edit(file, from, to);
    const { code, stdout } = await copy.run(commandOf(caughtBy), { env: { SOAK: '', NO_COLOR: '1' } });
    await copy.write(file, text);
    expect(code, stdout).not.toBe(0);
    expect(stdout).toMatch(caughtBy === 'types' ? /error TS/ : /Test Files {2}\d+ failed/);
  });
});

test('every fault has its place in the product', async () => {
  const texts = await Promise.all(productFaults.map(({ file }) => readFile(join(root, file), 'utf8')));
  const named = productFaults.flatMap(({ caughtBy }) => caughtBy.split(' ')).filter((name) => name !== 'types');
  expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  expect(productFaults.filter(({ from }, index) => !texts[index]?.includes(from)).map(({ name }) => name)).toEqual([]);
});
