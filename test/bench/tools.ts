import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from '../helpers/process.ts';
import type { Section } from './section.ts';
import { median } from './statistics.ts';

const repeats = 3;

/** Measures the duration of npm scripts, in seconds. */
export const tools: Section = async ({ isFull, report }) => {
  const rows = [];
  for (const script of ['generate', 'check', 'docs', ...(isFull ? ['test'] : [])]) {
    const seconds = [];
    for (let index = 0; index < (script === 'test' ? 1 : repeats); index += 1) {
      const start = performance.now();
      await promisify(execFile)('npm', ['run', '--silent', script], { cwd: root, maxBuffer: 2 ** 26 });
      seconds.push((performance.now() - start) / 1_000);
    }
    rows.push({ command: `npm run ${script}`, seconds: median(seconds) });
    report(script);
  }
  return rows;
};
