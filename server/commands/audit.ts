import type { AuditEntry } from '../store/store.ts';
import { type Command, storePackages, UsageError } from './command.ts';
import { withInstallation } from './installation.ts';
import { readTime } from './time.ts';

/** The columns, in the order of the output. */
const columns = ['time', 'account', 'by', 'operation', 'app', 'fields', 'of', 'request'] as const;

const toCells = (entry: AuditEntry): string[] => {
  const { at, accountId, tokenId, operation, appId, fields, requestId, subjects = [] } = entry;
  return [
    ...[at, accountId, tokenId, operation, appId ?? '-'],
    ...[fields.join(',') || '-', subjects.join(',') || '-', requestId],
  ];
};

/** Renders rows as a table with aligned columns. */
function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, at) => Math.max(known[at] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const readOption = (name: string, text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const time = readTime(text);
  if (time === undefined) throw new UsageError(`--${name} takes a time such as 2026-01-31T12:00:00Z`);
  return time;
};

export const audit: Command = {
  name: 'audit',
  summary: 'Prints who did what to which fields: time, account, token or command, operation, app, fields, of, request.',
  options: {
    account: { type: 'string' },
    since: { type: 'string' },
    before: { type: 'string' },
    table: { type: 'boolean' },
  },
  packages: storePackages,
  help: [
    ['--account A', 'only this account'],
    ['--since T', 'only from this time on, such as 2026-01-31T12:00:00Z'],
    ['--before T', 'only before this time'],
    ['--table', 'as a table with a head, for readers; without it, columns are separated by tabs'],
  ],
  run(input) {
    const { options, say } = input;
    const text = (name: string) => options[name] as string | undefined;
    const filter = {
      accountId: text('account'),
      since: readOption('since', text('since')),
      before: readOption('before', text('before')),
    };
    return withInstallation(input, async ({ store }) => {
      const rows: string[][] = [];
      for await (const entry of store.listAudit(filter)) {
        if (options.table === true) rows.push(toCells(entry));
        else say(toCells(entry).join('\t'));
      }
      if (options.table === true) for (const line of renderTable([[...columns], ...rows])) say(line);
      return 0;
    });
  },
};
