import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join, resolve } from 'node:path';

/** The top of the project. */
export const root = resolve(import.meta.dirname, '../..');

export interface RunOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
}

/** Longer than any command takes; shorter than a test may. */
const patienceMilliseconds = 25_000;

/** Starts a command as an npm script would: the project's own binaries are found first. */
function launch([command = '', ...args]: readonly string[], { cwd = root, env }: RunOptions) {
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', FORCE_COLOR: undefined };
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...quiet, ...env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const deadline = setTimeout(() => child.kill(), patienceMilliseconds);
  const closed = once(child, 'close').finally(() => clearTimeout(deadline));
  return { child, said, deadline, closed };
}

/** Runs a command to its end. A failure is an answer too: nothing is thrown for it. */
export async function run(words: readonly string[], options: RunOptions = {}) {
  const { said, closed } = launch(words, options);
  const [code] = (await closed) as [number | null];
  return { code, ...said };
}

/** Starts a command and waits until it prints what matches `ready`. Dispose of it with `await using`. */
export async function startProcess(words: readonly string[], ready: RegExp, options: RunOptions = {}) {
  const { child, said, deadline, closed } = launch(words, options);
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = ready.exec(said.stdout);
      if (found) resolve(found);
    });
    const fail = () => reject(new Error(`${words.join(' ')} was never ready:\n${said.stdout}${said.stderr}`));
    closed.then(fail, reject);
  });
  clearTimeout(deadline);
  return {
    match,
    async [Symbol.asyncDispose]() {
      child.kill();
      await closed;
    },
  };
}
