import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { root } from './root.ts';

/** The program of the Redocly CLI. Throws `ERR_MODULE_NOT_FOUND` where it is not installed. */
export const findRedocly = (): string => fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'));

/** Runs the Redocly CLI at the top of the project and gives what it says. Rejects with its findings when it fails. */
export async function redocly(...args: string[]): Promise<string> {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const options = { cwd: root, env, maxBuffer: 2 ** 28 };
  const { stdout } = await promisify(execFile)(process.execPath, [findRedocly(), ...args], options).catch(
    (error: { stdout?: string; stderr?: string }) => {
      throw new Error(`redocly ${args[0]} found something to mend:\n${error.stdout ?? ''}${error.stderr ?? ''}`);
    },
  );
  return stdout;
}
