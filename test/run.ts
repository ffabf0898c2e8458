/** Runs `npm test`: check and all tests at the same time. With arguments, which go to Vitest, it runs the selected tests alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { measureTimeFactor } from './helpers/time-limits.ts';

const args = process.argv.slice(2);
// Measured here, because the check beside Vitest would be taken for a busy machine.
const TIME_FACTOR = String(measureTimeFactor());
// Workers load what earlier ones have compiled.
const NODE_COMPILE_CACHE = join(import.meta.dirname, '../node_modules/.cache/compile');
const env = { ...process.env, TIME_FACTOR, NODE_COMPILE_CACHE };

/** Starts a program of this project on this Node. */
function start(...words: string[]) {
  const child = spawn(process.execPath, words, { stdio: 'inherit', env });
  const hasPassed = once(child, 'close').then(([code]) => code === 0);
  return { child, hasPassed };
}

const tests = start('node_modules/vitest/vitest.mjs', 'run', ...args);
const check = args.length === 0 ? start('test/check.ts') : undefined;
const isChecked = (await check?.hasPassed) ?? true;
if (!isChecked) tests.child.kill('SIGTERM');
const isTested = await tests.hasPassed;
if (!isChecked) console.log('The check failed, and the tests were stopped. `npm run check` shows why.');
if (!isChecked || !isTested) process.exitCode = 1;
