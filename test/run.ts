/** Runs `npm test`: check and all tests. With arguments, which go to Vitest, it runs the selected tests alone. */
import { spawnSync } from 'node:child_process';

const args = process.argv.slice(2);

/** Runs a program of this project on this Node. Ends the process when it fails. */
function run(...words: string[]): void {
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (args.length === 0) run('test/check.ts');
run('node_modules/vitest/vitest.mjs', 'run', ...args);
