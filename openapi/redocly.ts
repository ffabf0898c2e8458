import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { root } from './root.ts';

/** The program of the Redocly CLI. Throws `ERR_MODULE_NOT_FOUND` where it is not installed. */
export const findRedocly = (): string => fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'));

const settings = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

const explain = (command: string | undefined, said: string) =>
  new Error(`redocly ${command} found something to mend:\n${said}`);

/** Runs the Redocly CLI at the top of the project and gives what it says. Rejects with its findings when it fails. */
export async function redocly(...args: string[]): Promise<string> {
  const options = { cwd: root, env: { ...process.env, ...settings }, maxBuffer: 2 ** 28 };
  const { stdout } = await promisify(execFile)(process.execPath, [findRedocly(), ...args], options).catch(
    (error: { stdout?: string; stderr?: string }) => {
      throw explain(args[0], `${error.stdout ?? ''}${error.stderr ?? ''}`);
    },
  );
  return stdout;
}

/**
 * The same in a thread of this process, which has to be at the top of the project itself. Gives the bundle that
 * openapi/rules/hand-over-bundle.ts hands over; undefined when there was none.
 */
export async function redoclyThread(...argv: string[]): Promise<object | undefined> {
  const env = { ...process.env, ...settings };
  const thread = new Worker(findRedocly(), { argv, env, stdout: true, stderr: true });
  let handedOver: object | undefined;
  // Node posts messages of its own where it watches files.
  thread.on('message', ({ bundle }: { bundle?: object }) => {
    handedOver = bundle ?? handedOver;
  });
  const ended = once(thread, 'exit');
  const [stdout, stderr] = await Promise.all([text(thread.stdout), text(thread.stderr)]);
  const [code] = await ended;
  if (code !== 0) throw explain(argv[0], stdout + stderr);
  return handedOver;
}
