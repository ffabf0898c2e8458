import { loadKeys } from '../keys/key-source.ts';
import { checkKeys } from '../resource/key-check.ts';
import { sqliteFile } from '../store/database-url.ts';
import { type Command, type CommandInput, storePackages, UsageError } from './command.ts';
import { commandAudit, describeFile, describeKeys } from './installation.ts';

/** Checks that the configured keys open the secrets of a restored database. @throws KeyError */
async function checkRestored({ readConfig, say }: CommandInput, databaseUrl: string): Promise<void> {
  const { keys } = readConfig();
  const { openStore } = await import('../store/open-store.ts');
  const store = await openStore(databaseUrl, { mustExist: true });
  try {
    const unopened = await checkKeys(store, await loadKeys(keys, store, new Date(), { mayCreate: false }));
    say(`Its secrets ${unopened.length === 0 ? 'open' : 'do not all open'} with ${describeKeys(keys)}.`);
  } finally {
    await store.close();
  }
}

const sayTokens = (say: CommandInput['say'], revoked: number) =>
  say(
    revoked === 0
      ? 'No token had to be revoked.'
      : `${revoked} tokens are revoked: they were revoked since, or it is unknown whether they were.`,
  );

async function restoreFile(input: CommandInput, file: string): Promise<number> {
  const { options, say } = input;
  const from = options.from as string | undefined;
  if (!from) throw new UsageError('--from takes the name of a file that `backup` made');
  const { restore } = await import('../store/transfer/restore.ts');
  const result = await restore(from, file, {
    keepTokens: options['keep-tokens'] === true,
    audit: commandAudit('restore'),
    check: (url) => checkRestored(input, url),
  });
  say(`Database: ${describeFile(`sqlite:${file}`)}.`);
  say(`Restored ${result.apps} OAuth apps. ETags, cursors and Idempotency-Keys of before are no longer known.`);
  sayTokens(say, result.revoked);
  if (result.formerFile === undefined) return 0;
  say(`${result.keptAudit} audit rows that are younger than the backup are kept.`);
  say(`The former database is ${result.formerFile}. Remove it once you need it no more.`);
  return 0;
}

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Puts a backup in the place of the database. Revoked tokens stay so. Stop the servers first.',
  packages: storePackages,
  help: [
    ['--from F', 'the file that `backup` made'],
    ['--finish', 'PostgreSQL: complete what pg_restore has put back'],
    ['--keep-tokens', 'keep tokens usable where it is unknown which were revoked since the backup'],
  ],
  examples: ['restore --from oauth-apps-backup.db', 'restore --finish'],
  async run(input) {
    const { options, readConfig, say } = input;
    const { databaseUrl } = readConfig();
    const file = sqliteFile(databaseUrl);
    if (file === ':memory:') throw new UsageError('restore takes a DATABASE_URL that names a file, or PostgreSQL');
    if (file !== undefined) return restoreFile(input, file);
    if (options.finish !== true)
      throw new UsageError('restore takes --finish for PostgreSQL, after pg_restore has put the database back');
    const { completeRestore } = await import('../store/transfer/restore.ts');
    const keepTokens = options['keep-tokens'] === true;
    const { revoked } = await completeRestore(databaseUrl, { keepTokens, audit: commandAudit('restore') });
    await checkRestored(input, databaseUrl);
    say(`Database: ${describeFile(databaseUrl)}.`);
    say('ETags, cursors and Idempotency-Keys of before are no longer known.');
    sayTokens(say, revoked);
    return 0;
  },
};
