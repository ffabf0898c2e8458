import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { soak } from './soak.ts';
import { timeLimit } from './time-limits.ts';

/** The root folder of the project. */
export const root = resolve(import.meta.dirname, '../..');

/**
 * The compiler of `npm run check`. The other installed versions are for the tests of the package. Several threads would
 * check some things twice, and other tests have the other processors.
 */
export const checkTypes = ['node', 'node_modules/typescript-7/bin/tsc', '--singleThreaded'];

/** The compile cache that all commands share, so that they start faster. */
export const compileCache = join(root, 'node_modules/.cache/compile');

export interface RunOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
}

/** The timeout of a command: shorter than the one of a test. */
const timeoutMilliseconds = timeLimit(soak(55_000, 600_000));
/** The time that a disposed process has to stop before it is killed. */
const stopMilliseconds = timeLimit(5_000);

/** Running processes. They are killed when this process exits, also when it is told to. */
const running = new Set<ChildProcess>();
const killRunning = () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
};
process.once('exit', killRunning).once('SIGTERM', () => {
  killRunning();
  // Once more, without this listener.
  process.kill(process.pid, 'SIGTERM');
});

/** Sends a signal to a process group. A group that no longer exists is ignored. */
function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}

/** Tells a process group to stop, so that it can stop what it has started, and kills it when it takes too long. */
async function stopGroup(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  signalGroup(child, 'SIGTERM');
  const hasEnded = await Promise.race([closed.then(() => true), delay(stopMilliseconds, false, { ref: false })]);
  if (!hasEnded) signalGroup(child, 'SIGKILL');
  await closed;
}

/** Spawns a command in its own process group, with the binaries of the project first in `PATH`, as in an npm script. */
function spawnCommand([command = '', ...args]: readonly string[], { cwd = root, env }: RunOptions) {
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', FORCE_COLOR: undefined };
  // The compiler is a program of Go and ends before its garbage matters.
  const frugal = { GOGC: 'off', GOMEMLIMIT: '1GiB', NODE_COMPILE_CACHE: compileCache };
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...quiet, ...frugal, ...env, PATH: path },
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
  const deadline = setTimeout(() => stopGroup(child, closed), timeoutMilliseconds);
  const closed = once(child, 'close').finally(() => {
    clearTimeout(deadline);
    running.delete(child);
  }) as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  return { child, output, deadline, closed };
}

/** Runs a command to its end. Returns its exit code, which is null after a signal, and its output. */
export async function run(words: readonly string[], options: RunOptions = {}) {
  const { output, closed } = spawnCommand(words, options);
  const [code] = await closed;
  return { code, ...output };
}

/**
 * Starts a command and waits for output that matches `ready`. Dispose of it with `await using`.
 * @throws Error when the command ends or times out before.
 */
export async function startProcess(words: readonly string[], ready: RegExp, options: RunOptions = {}) {
  const start = performance.now();
  const { child, output, deadline, closed } = spawnCommand(words, options);
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = ready.exec(output.stdout);
      if (found) resolve(found);
    });
    const fail = () => reject(new Error(`${words.join(' ')} did not become ready:\n${output.stdout}${output.stderr}`));
    closed.then(fail, reject);
  });
  clearTimeout(deadline);
  return {
    match,
    /** Its output so far. */
    output: output as Readonly<typeof output>,
    pid: child.pid as number,
    /** The time from the spawn until it was ready. */
    readyMilliseconds: Math.round(performance.now() - start),
    /** Resolves with exit code and signal once the whole process group has ended. */
    closed,
    /** Sends a signal to the process group. */
    signal: (name: NodeJS.Signals) => signalGroup(child, name),
    [Symbol.asyncDispose]: () => stopGroup(child, closed),
  };
}

/** Lists the processes that a process has started, on Linux and macOS. */
export async function listChildren(pid: number): Promise<number[]> {
  const { stdout } = await run(['pgrep', '-P', String(pid)]);
  return stdout.trim().split('\n').filter(Boolean).map(Number);
}
