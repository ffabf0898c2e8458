import { operations } from '../../generated/operations.ts';
import type { AuditEntry, TokenRecord } from '../store/store.ts';
import { type Command, jsonOption, type Row, storePackages, UsageError } from './command.ts';
import { withInstallation } from './installation.ts';
import { readTime } from './time.ts';

/** Returns the row of an entry, in the order of the output. */
const toRow = ({ at, accountId, tokenId, operation, appId, fields, subjects, requestId }: AuditEntry): Row => ({
  ...{ at, account: accountId, token: tokenId, operation, app: appId, fields, of: subjects, request: requestId },
});

/** The ids that a cell of a table shows. */
const shownSubjects = 3;

/** Whether an operation of the audit only reads: it showed secrets in full. */
const isReveal = (operation: string) =>
  (operations as Readonly<Record<string, { method: string }>>)[operation]?.method === 'get';

/** Makes the function that returns a row for readers: with the names of tokens, and of many ids the first. */
function tableRows(tokens: readonly TokenRecord[]) {
  const names = new Map(tokens.flatMap(({ id, name }) => (name === undefined ? [] : [[id, `${id} (${name})`]])));
  const nameOf = (id: string) => names.get(id) ?? id;
  return (entry: AuditEntry): Row => {
    const { tokenId, operation, subjects = [] } = entry;
    const more = subjects.length > shownSubjects ? ` and ${subjects.length - shownSubjects} more` : '';
    return {
      ...toRow(entry),
      token: nameOf(tokenId),
      operation: isReveal(operation) ? `${operation} (reveal)` : operation,
      of: subjects.slice(0, shownSubjects).map(nameOf).join() + more,
    };
  };
}

/** Renders rows as a table with a head and aligned columns. */
function renderTable(rows: readonly Row[]): string[] {
  const toText = (value: Row[string]) => (typeof value === 'string' ? value : value?.join(',')) || '-';
  const head = ['at', 'account', 'token', 'operation', 'app', 'fields', 'of', 'request'];
  const lines = [head, ...rows.map((row) => head.map((name) => toText(row[name])))];
  const widths = head.map((_name, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  return lines.map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const readOption = (name: string, text: string | boolean | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const time = readTime(String(text));
  if (time === undefined) throw new UsageError(`--${name} takes a time such as 2026-01-31T12:00:00Z`);
  return time;
};

export const audit: Command = {
  name: 'audit',
  summary: 'Prints who did what to which fields: time, account, token or command, operation, app, fields, of, request.',
  packages: storePackages,
  help: [
    ['--account A', 'only this account'],
    ['--since T', 'only from this time on, such as 2026-01-31T12:00:00Z'],
    ['--before T', 'only before this time'],
    ['--table', 'print a table with a head, for readers: with names of tokens, and of many ids the first three'],
    jsonOption,
  ],
  examples: ['audit --account acme --since 2026-01-31', 'audit --since 2026-01-31 --before 2026-02-01 --table'],
  run(input) {
    const { options, say, sayRow } = input;
    const accountId = options.account as string | undefined;
    const filter = {
      accountId,
      since: readOption('since', options.since),
      before: readOption('before', options.before),
    };
    return withInstallation(input, async ({ store }) => {
      const rows: Row[] = [];
      const toTableRow = tableRows(options.table === true ? await store.listTokens() : []);
      for await (const entry of store.listAudit(filter)) {
        if (options.table === true) rows.push(toTableRow(entry));
        else sayRow(toRow(entry));
      }
      if (options.table === true) for (const line of renderTable(rows)) say(line);
      return 0;
    });
  },
};
