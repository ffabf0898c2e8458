import { sqliteFile } from '../store/database-url.ts';
import type { OnCopied } from '../store/transfer/backup.ts';
import { TransferError } from '../store/transfer/transfer-error.ts';
import { type Command, type CommandInput, onceASecond, UsageError } from './command.ts';
import { describeFile, describeKeys } from './installation.ts';

const mebibyte = 1024 * 1024;

/** Prints the progress once a second. */
function progressTo(say: CommandInput['say']): OnCopied {
  const sayNow = onceASecond(say);
  return (part, bytes) => {
    const size = Math.ceil(bytes / mebibyte);
    sayNow(`copied ${Math.floor(part * size)} of ${size} MiB`);
  };
}

export const backup: Command = {
  name: 'backup',
  summary:
    'Copies the embedded database into a new file while servers run, and checks the copy. The keys are not in it.',
  packages: [],
  help: [['<file>', 'the file to make, which only its owner can read; one that exists is never replaced']],
  examples: ['backup oauth-apps-backup.db'],
  async run({ positionals: [target = ''], readConfig, say }) {
    const { databaseUrl, keys } = readConfig();
    const file = sqliteFile(databaseUrl);
    // Loaded here: the other commands may run without SQLite.
    const { backUp } = await import('../store/transfer/backup.ts');
    if (file === undefined)
      throw new TransferError('DATABASE_URL names PostgreSQL, which has a command of its own for this: use pg_dump.');
    if (file === ':memory:') throw new TransferError('DATABASE_URL names no file: there is nothing to copy.');
    if (target === '') throw new UsageError('backup takes the name of a file');
    const { oauth_apps: apps = 0, accounts = 0, ...others } = await backUp(file, target, progressTo(say));
    const rows = Object.values(others).reduce((sum, count) => sum + count, apps + accounts);
    say(`Copied ${apps} OAuth apps of ${accounts} accounts, ${rows} rows in all. The copy is whole and sound.`);
    say(`Database: ${describeFile(databaseUrl)}.`);
    say(`Its secrets open only with ${describeKeys(keys)}: keep a copy of that too, in another place.`);
    return 0;
  },
};
