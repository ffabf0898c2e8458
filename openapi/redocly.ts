import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { root } from './root.ts';

/**
 * Returns the path of the Redocly CLI.
 *
 * @throws ERR_MODULE_NOT_FOUND when `@redocly/cli` is not installed.
 */
export const findRedocly = (): string => fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'));

/** The variables of the environment that tools need. Nothing else reaches them: `npm start` builds the docs with the settings of the server. */
const needed =
  /^(PATH|PATHEXT|HOME|USERPROFILE|TMPDIR|TEMP|TMP|SystemRoot|windir|ComSpec|LANG|LC_\w+|TZ|NO_COLOR|FORCE_COLOR|NODE_(OPTIONS|PATH|ENV|DEBUG|NO_WARNINGS|EXTRA_CA_CERTS|V8_COVERAGE|(DISABLE_)?COMPILE_CACHE))$/i;
/** The environment of the tools that this folder starts. The compiler, a program of Go, ends before its garbage matters, and frees it from 1 GiB. */
export const toolEnvironment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => needed.test(name))),
  ...{ REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', GOGC: 'off', GOMEMLIMIT: '1GiB' },
};

const failure = (command: string | undefined, output: string) => new Error(`redocly ${command} failed:\n${output}`);

/**
 * Runs the Redocly CLI in a process of its own, in the top folder of the project, and returns its standard output.
 *
 * @throws Error with the output of the CLI when it exits with another code than 0.
 * @example await runRedocly('build-docs', 'openapi.json', '--output', 'index.html');
 */
export async function runRedocly(...args: string[]): Promise<string> {
  const options = { cwd: root, env: toolEnvironment, maxBuffer: 2 ** 28 };
  const { stdout } = await promisify(execFile)(process.execPath, [findRedocly(), ...args], options).catch(
    (error: { stdout?: string; stderr?: string }) => {
      throw failure(args[0], `${error.stdout ?? ''}${error.stderr ?? ''}`);
    },
  );
  return stdout;
}

/**
 * Runs the Redocly CLI in a thread and returns its standard output. A thread starts faster than a process. It has the
 * working directory of this process, which must be the top folder of the project.
 *
 * @throws Error with the output of the CLI when it exits with another code than 0.
 */
export async function runRedoclyInThread(...argv: string[]): Promise<string> {
  const thread = new Worker(findRedocly(), { argv, env: toolEnvironment, stdout: true, stderr: true });
  const [[code], stdout, stderr] = await Promise.all([once(thread, 'exit'), text(thread.stdout), text(thread.stderr)]);
  if (code !== 0) throw failure(argv[0], stdout + stderr);
  return stdout;
}
