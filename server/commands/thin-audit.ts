import { type FileHandle, open } from 'node:fs/promises';
import type { Store } from '../store/store.ts';
import { TransferError } from '../store/transfer/transfer-error.ts';
import { type Command, storePackages, UsageError } from './command.ts';
import { commandAudit, withInstallation } from './installation.ts';
import { readTime } from './time.ts';

/** Writes the audit from before a moment to a file, as lines of JSON, and syncs it. Returns the number of rows. */
async function exportAudit(store: Store, before: string, file: FileHandle): Promise<number> {
  let count = 0;
  for await (const entry of store.listAudit({ before })) {
    await file.write(`${JSON.stringify(entry)}\n`);
    count += 1;
  }
  await file.sync();
  return count;
}

/** Makes the file for the export, which only its owner can read. @throws UsageError when it cannot be made */
const makeFile = (path: string): Promise<FileHandle> =>
  open(path, 'wx', 0o600).catch(({ code }: { code?: string }) => {
    throw new UsageError(`--output takes a file that can be made and does not exist yet (${code})`);
  });

export const thinAudit: Command = {
  name: 'thin-audit',
  summary: 'Writes the audit from before a time to a file, then removes it from the database. The audit records that.',
  packages: storePackages,
  help: [
    ['--before T', 'a day or a moment in the past, such as 2026-01-31'],
    ['--output F', 'the file to make, lines of JSON, which only its owner can read'],
  ],
  examples: ['thin-audit --before 2026-01-01 --output audit-2025.jsonl'],
  run(input) {
    const { options, say } = input;
    const before = readTime(String(options.before ?? ''));
    if (before === undefined || before > new Date().toISOString())
      throw new UsageError('--before takes a time in the past such as 2026-01-31T12:00:00Z');
    if (!options.output) throw new UsageError('--output takes the name of a file');
    return withInstallation(input, async ({ store }) => {
      await using file = await makeFile(String(options.output));
      const count = await exportAudit(store, before, file);
      const entry = commandAudit('thin-audit', { fields: ['at'], subjects: [before, String(count)] });
      const result = count === 0 ? 'thinned' : await store.thinAudit(before, count, entry);
      if (result === 'changed')
        throw new TransferError(
          'The audit changed meanwhile. Nothing was removed; remove the file and run this again.',
        );
      say(`${count} rows from before ${before} are in the file, and no longer in the database.`);
      return 0;
    });
  },
};
