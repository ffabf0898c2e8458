import { expect, test } from 'vitest';
import { copyProject } from '../helpers/project-copy.ts';

const failing = "import { expect, test } from 'vitest';\ntest('fails', () => expect(1).toBe(2));\n";
const passing = failing.replace('toBe(2)', 'toBe(1)');

/** How the command behind `npm test` ends, with PostgreSQL and all, when there is this one test. */
async function endOf(source: string): Promise<number | null> {
  await using copy = await copyProject(
    'vitest.config.ts',
    'package.json',
    'test/helpers',
    'server',
    'generated',
    'client',
  );
  await copy.write('test/only.test.ts', source);
  const { code, stdout } = await copy.run(['vitest', 'run', 'test/only.test.ts']);
  expect(stdout).toContain('only.test.ts');
  return code;
}

test('a test that fails fails the whole run', async () => {
  expect(await Promise.all([endOf(failing), endOf(passing)])).toEqual([1, 0]);
});
