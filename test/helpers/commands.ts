import { vi } from 'vitest';
import { runWords } from '../../server/commands/program.ts';

type Settings = Readonly<Record<string, string>>;

/** Commands replace the console and the environment of this process, so that one runs at a time. */
let last: Promise<unknown> = Promise.resolve();

async function runNext(words: readonly string[], env: Settings) {
  const outputs = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')] as const;
  for (const output of outputs) output.mockImplementation(() => {});
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  try {
    const code = await runWords(words);
    const [stdout, stderr] = outputs.map(({ mock }) => mock.calls.map((texts) => `${texts.join(' ')}\n`).join(''));
    return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
  } finally {
    for (const output of outputs) output.mockRestore();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/**
 * Runs an `oauth-apps` command in this process, to its end: everything but the process itself is as with `bin.js`, for a
 * small part of the CPU. Returns exit code and output.
 */
export function runCommandHere(words: readonly string[], env: Settings = {}): ReturnType<typeof runNext> {
  const result = last.then(() => runNext(words, env));
  last = result.catch(() => {});
  return result;
}
