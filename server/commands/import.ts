import { existsSync } from 'node:fs';
import { describeDatabase, isPostgres, sqliteFile } from '../store/database-url.ts';
import type { Transferred } from '../store/transfer/transfer.ts';
import { type Command, type CommandInput, onceASecond, storePackages, UsageError } from './command.ts';

const format = (count: number) => count.toLocaleString('en');

function readUrl({ options }: CommandInput, name: 'from' | 'to'): string {
  const url = options[name] as string | undefined;
  const isUsable = url !== undefined && (isPostgres(url) || sqliteFile(url) !== undefined) && url !== 'sqlite::memory:';
  if (!isUsable) throw new UsageError(`--${name} takes sqlite:<file> or postgres://<user>@<host>/<database>`);
  return url;
}

/** Describes the settings for the servers from now on. */
function describeNext(from: string, to: string): string {
  const keyFile = `${sqliteFile(from)}.keys`;
  const keys = existsSync(keyFile) ? `SECRET_KEYS_FILE=${keyFile}` : 'the same SECRET_KEYS as before';
  return `Start the servers with DATABASE_URL for ${describeDatabase(to)} and ${keys}.`;
}

function report(moved: Transferred, milliseconds: number): string[] {
  const rows = [...moved.values()].reduce((sum, count) => sum + count, 0);
  const rate = Math.round((rows / milliseconds) * 1_000);
  return [
    ...[...moved].map(([table, count]) => `${format(count).padStart(12)}  ${table}`),
    `Transferred ${format(rows)} rows in ${(milliseconds / 1_000).toFixed(1)} s, ${format(rate)} a second.`,
    'All were read back before that was kept: counts and checksums agree.',
  ];
}

/** `oauth-apps import`. Its name is a keyword of the language. */
export const importCommand: Command = {
  name: 'import',
  summary: 'Moves everything from one database into another, empty one, and compares it. Stop the servers first.',
  packages: storePackages,
  help: [
    ['--from URL', 'the database to move, such as sqlite:.data/oauth-apps.db; it stays as it is'],
    ['--to URL', 'the new database, such as postgres://user@host/database; the password may be in PGPASSWORD'],
  ],
  examples: ['import --from sqlite:.data/oauth-apps.db --to postgres://user@host/database'],
  async run(input) {
    const [from, to] = [readUrl(input, 'from'), readUrl(input, 'to')];
    if (from === to) throw new UsageError('--from and --to take two databases');
    const { transferInstallation } = await import('../store/transfer/transfer.ts');
    const start = performance.now();
    const say = onceASecond(input.say);
    const moved = await transferInstallation(from, to, (step, done, total) =>
      say(`${step} ${format(done)} of ${format(total)} rows`),
    );
    for (const line of report(moved, performance.now() - start)) input.say(line);
    input.say(describeNext(from, to));
    return 0;
  },
};
