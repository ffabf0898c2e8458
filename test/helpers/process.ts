import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The top of the project. */
export const root = resolve(import.meta.dirname, '../..');

/** The compiler that `npm run check` uses: the package has others beside it, for consumers. */
export const checkTypes = ['node', 'node_modules/typescript-7/bin/tsc'];

/** Commands start faster with what earlier ones left here. */
export const compileCache = join(root, 'node_modules/.cache/compile');

export interface RunOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
}

/** Longer than any command takes; shorter than a test may. */
const patienceMilliseconds = 55_000;
/** How long a process may take to stop when it is disposed of. */
const stopMilliseconds = 5_000;

/** What runs now. Nothing of it outlives this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

/** Signals a process and all that it started; a group that is gone is no error. */
function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}

/** Starts a command as an npm script would, in a process group of its own: the project's own binaries are found first. */
function launch([command = '', ...args]: readonly string[], { cwd = root, env }: RunOptions) {
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', FORCE_COLOR: undefined };
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...quiet, NODE_COMPILE_CACHE: compileCache, ...env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const deadline = setTimeout(() => signalGroup(child, 'SIGKILL'), patienceMilliseconds);
  const closed = once(child, 'close').finally(() => {
    clearTimeout(deadline);
    running.delete(child);
  }) as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  return { child, output, deadline, closed };
}

/** Runs a command to its end. A failure is an response too: nothing is thrown for it. */
export async function run(words: readonly string[], options: RunOptions = {}) {
  const { output, closed } = launch(words, options);
  const [code] = await closed;
  return { code, ...output };
}

/** Starts a command and waits until it prints what matches `ready`. Dispose of it with `await using`. */
export async function startProcess(words: readonly string[], ready: RegExp, options: RunOptions = {}) {
  const start = performance.now();
  const { child, output, deadline, closed } = launch(words, options);
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = ready.exec(output.stdout);
      if (found) resolve(found);
    });
    const fail = () => reject(new Error(`${words.join(' ')} was never ready:\n${output.stdout}${output.stderr}`));
    closed.then(fail, reject);
  });
  clearTimeout(deadline);
  return {
    match,
    /** What it wrote so far. */
    output: output as Readonly<typeof output>,
    pid: child.pid as number,
    /** From the start until it was ready. */
    readyMilliseconds: Math.round(performance.now() - start),
    /** The exit code and the signal, once it and all that it started have ended. */
    closed,
    /** Sends a signal to it and to all that it started. */
    signal: (name: NodeJS.Signals) => signalGroup(child, name),
    async [Symbol.asyncDispose]() {
      signalGroup(child, 'SIGTERM');
      const hasEnded = await Promise.race([closed.then(() => true), delay(stopMilliseconds, false, { ref: false })]);
      if (!hasEnded) signalGroup(child, 'SIGKILL');
      await closed;
    },
  };
}
