import { randomUUID } from 'node:crypto';
import { allScopes, defaultAccount, hashToken, mintToken, type Scope, tokenPrefix } from '../keys/tokens.ts';
import type { TokenRecord } from '../store/store.ts';
import { type Command, type CommandInput, jsonOption, storePackages, UsageError } from './command.ts';
import { commandAudit, type Installation, withInstallation } from './installation.ts';
import { readTime } from './time.ts';

const accountForm = /^[\w.@-]{1,64}$/;
const nameForm = /^[\w.@:/ -]{1,64}$/;
const dayMilliseconds = 86_400_000;

function readAccount({ options }: CommandInput): string | undefined {
  const account = options.account as string | undefined;
  if (account !== undefined && !accountForm.test(account)) {
    throw new UsageError('--account takes 1 to 64 letters, digits and _ . @ -');
  }
  return account;
}

function readScopes({ options }: CommandInput): readonly Scope[] {
  const names = ((options.scopes as string | undefined) ?? '').split(',').map((name) => name.trim()) as Scope[];
  if (options.scopes === undefined || !names.every((name) => allScopes.includes(name))) {
    throw new UsageError(`--scopes takes a comma-separated list out of ${allScopes.join(', ')}`);
  }
  return [...new Set(names)];
}

function readName({ options }: CommandInput): string | undefined {
  const name = options.name as string | undefined;
  if (name !== undefined && !nameForm.test(name))
    throw new UsageError('--name takes 1 to 64 letters, digits, spaces and _ . @ : / -');
  return name;
}

/** Reads the end of a token: a number of days from now, a day or a moment. */
function readExpiry({ options }: CommandInput, now: Date): string | undefined {
  const text = options.expires as string | undefined;
  if (text === undefined) return undefined;
  const [, days] = /^([1-9]\d{0,4})d$/.exec(text) ?? [];
  const time =
    days === undefined ? readTime(text) : new Date(now.getTime() + Number(days) * dayMilliseconds).toISOString();
  if (time === undefined || time <= now.toISOString())
    throw new UsageError('--expires takes days such as 90d, or a time to come such as 2027-01-31T12:00:00Z');
  return time;
}

/** Describes whether a token can be used. */
function describeState({ revokedAt, expiresAt }: TokenRecord): string {
  if (revokedAt !== undefined) return `revoked ${revokedAt}`;
  return expiresAt !== undefined && expiresAt <= new Date().toISOString() ? `expired ${expiresAt}` : 'usable';
}

export const tokenCreate: Command = {
  name: 'token create',
  summary: 'Makes an API token and shows it this one time, on the last line.',
  packages: storePackages,
  help: [
    ['--account A', `the account that owns what the token creates (default: ${defaultAccount})`],
    ['--scopes S', `what it may do, comma-separated: ${allScopes.join(', ')}`],
    ['--name N', 'what it is for, as `token list` shows it'],
    ['--expires T', 'when it ends: days such as 90d, or a time such as 2027-01-31 (default: never)'],
  ],
  examples: [
    'token create --account acme --scopes read,write',
    'token create --scopes read --name report --expires 90d',
  ],
  run(input) {
    const [accountId = defaultAccount, scopes, name] = [readAccount(input), readScopes(input), readName(input)];
    const now = new Date();
    const expiresAt = readExpiry(input, now);
    const [token, id] = [mintToken(), randomUUID()];
    const used: string[] = [];
    const create = async ({ store }: Installation) => {
      const times = { createdAt: now.toISOString(), expiresAt };
      const record = { id, accountId, hash: hashToken(token), scopes, prefix: tokenPrefix(token), name, ...times };
      await store.addToken(record, commandAudit('token create', { accountId, fields: scopes, subjects: [id] }));
      const until = expiresAt === undefined ? '' : `, until ${expiresAt}`;
      input.say(`Token ${id} for the account ${accountId} with ${scopes.join(', ')}${until}:`);
      for (const line of used) input.say(line);
      input.say(token);
      return 0;
    };
    return withInstallation(input, create, { tell: (line) => used.push(line) });
  },
};

export const tokenList: Command = {
  name: 'token list',
  summary:
    'Lists the tokens: id, account, scopes, made, first characters, name, expiry, day of last use, state. Never the token itself.',
  packages: storePackages,
  help: [['--account A', 'only the tokens of this account'], jsonOption],
  examples: ['token list --account acme --json'],
  run(input) {
    const account = readAccount(input);
    return withInstallation(input, async ({ store }) => {
      for (const token of await store.listTokens(account)) {
        const { id, accountId: account, scopes, createdAt: created, prefix, name } = token;
        const times = { expires: token.expiresAt, lastUsed: token.lastUsedOn };
        input.sayRow({ id, account, scopes, created, prefix, name, ...times, status: describeState(token) });
      }
      return 0;
    });
  },
};

export const tokenRevoke: Command = {
  name: 'token revoke',
  summary: 'Revokes a token at once.',
  packages: storePackages,
  help: [['<id>', 'the id of the token, as `token list` shows it']],
  examples: ['token revoke 0b9e53b8-7a8f-4d3c-8f0d-2c4f3a1c5d6e'],
  run(input) {
    const [id = ''] = input.positionals;
    return withInstallation(input, async ({ store }) => {
      const audit = commandAudit('token revoke', { subjects: [id] });
      const isRevoked = await store.revokeToken(id, audit.at, audit);
      input.say(
        isRevoked ? `Token ${id} is revoked.` : 'There is no usable token with this id. See `oauth-apps token list`.',
      );
      return isRevoked ? 0 : 1;
    });
  },
};
