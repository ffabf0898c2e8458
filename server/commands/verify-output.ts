import { open, unlink, writeFile } from 'node:fs/promises';
import { UsageError } from './command.ts';

/** Progress and files of `verify`. */

const formatTime = (seconds: number) => (seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`);

/** Creates a function that shows the progress: on a terminal in one line, elsewhere in a line for every 100 cases. */
export function createProgress(start = performance.now()): (done: number, all: number) => void {
  return (done, all) => {
    const left = ((performance.now() - start) / done) * (all - done);
    const line = `${done} of ${all} cases${done === all ? '' : `, ${formatTime(left / 1_000)} left`}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}${done === all ? '\n' : ''}`);
    else if (done % 100 === 0 || done === all) process.stderr.write(`${done} of ${all} cases\n`);
  };
}

/** File that a run writes at its end. */
export interface ReportFile {
  write(text: string): Promise<void>;
}

/**
 * Checks that a file can be written, without a change to one that exists: a run that fails must not empty the report of
 * an earlier one.
 *
 * @throws {UsageError} for a path that is not writable
 */
export async function openReport(path: unknown, option: string): Promise<ReportFile | undefined> {
  if (typeof path !== 'string') return undefined;
  const refuse = ({ code }: { code?: string }) => {
    throw new UsageError(`${option} takes a writable file, and this one is not writable (${code})`);
  };
  const created = await open(path, 'wx').catch(() => undefined);
  if (created === undefined) await (await open(path, 'a').catch(refuse)).close();
  else await created.close().then(() => unlink(path));
  return { write: (text) => writeFile(path, text) };
}
