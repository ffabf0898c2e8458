import { type Command, jsonOption, storePackages, UsageError } from './command.ts';

/** A day or a moment, ISO 8601. `Date` alone takes much else, such as `7`. */
const timeForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

function readTime(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (!timeForm.test(text) || Number.isNaN(time.getTime()))
    throw new UsageError('--since takes a time such as 2026-01-31T12:00:00Z');
  return time.toISOString();
}

export const audit: Command = {
  name: 'audit',
  summary: 'Prints who did what to which fields: time, account, token, operation, app, fields, request.',
  packages: storePackages,
  help: [
    ['--account A', 'only this account'],
    ['--since T', 'only from this time on, such as 2026-01-31T12:00:00Z'],
    jsonOption,
  ],
  examples: ['audit --account acme --since 2026-01-31'],
  async run({ options, readConfig, sayRow }) {
    const since = readTime(options.since as string | undefined);
    const { openStore } = await import('../store/open-store.ts');
    const store = await openStore(readConfig().databaseUrl, { hasWriterThread: false });
    try {
      for await (const entry of store.listAudit({ accountId: options.account as string | undefined, since })) {
        const { at, accountId, tokenId, operation, appId, fields, requestId } = entry;
        sayRow({ at, account: accountId, token: tokenId, operation, app: appId, fields, request: requestId });
      }
      return 0;
    } finally {
      await store.close();
    }
  },
};
