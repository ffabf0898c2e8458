/** Runs `npm run check`: drift of `generated/` with the lint of the description, lint and format of the code, types. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Programs and their arguments. They run at the same time and change no file of the repository. */
const parts = {
  drift: ['openapi/generate.ts', '--check'],
  code: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  types: [
    // One checker checks what several would each check again.
    ...['node_modules/typescript-7/bin/tsc', '--checkers', '1', '--incremental'],
    ...['--tsBuildInfoFile', 'node_modules/.cache/check.tsbuildinfo'],
  ],
};

/** Runs a part. Returns its exit code and its output. */
async function run([name, words]: [string, string[]]) {
  const start = performance.now();
  // The compiler is a program of Go and ends before its garbage matters.
  const env = { ...process.env, GOGC: 'off', GOMEMLIMIT: '1GiB' };
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  process.stdout.write(`check: ${name} ${code === 0 ? 'passed' : 'failed'} in ${seconds} s\n${stdout}${stderr}`);
  return code;
}

const codes = await Promise.all(Object.entries(parts).map(run));
if (codes.some((code) => code !== 0)) process.exitCode = 1;
