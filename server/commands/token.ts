import { randomUUID } from 'node:crypto';
import { allScopes, defaultAccount, hashToken, mintToken, type Scope } from '../keys/tokens.ts';
import type { Store } from '../store/store.ts';
import { type Command, type CommandInput, jsonOption, storePackages, UsageError } from './command.ts';

const accountForm = /^[\w.@-]{1,64}$/;

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

async function withStore<Result>(input: CommandInput, work: (store: Store) => Promise<Result>): Promise<Result> {
  const { openStore } = await import('../store/open-store.ts');
  const store = await openStore(input.readConfig().databaseUrl, { hasWriterThread: false });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

export const tokenCreate: Command = {
  name: 'token create',
  summary: 'Makes an API token and shows it this one time, on the last line.',
  packages: storePackages,
  help: [
    ['--account A', `the account that owns what the token creates (default: ${defaultAccount})`],
    ['--scopes S', `what it may do, comma-separated: ${allScopes.join(', ')}`],
  ],
  examples: ['token create --account acme --scopes read,write'],
  run(input) {
    const [accountId = defaultAccount, scopes] = [readAccount(input), readScopes(input)];
    return withStore(input, async (store) => {
      const [token, id] = [mintToken(), randomUUID()];
      await store.addToken({ id, accountId, hash: hashToken(token), scopes, createdAt: new Date().toISOString() });
      input.say(`Token ${id} for the account ${accountId} with ${scopes.join(', ')}:`);
      input.say(token);
      return 0;
    });
  },
};

export const tokenList: Command = {
  name: 'token list',
  summary: 'Lists the tokens: id, account, scopes, when made and when revoked. Never the token itself.',
  packages: storePackages,
  help: [['--account A', 'only the tokens of this account'], jsonOption],
  examples: ['token list --account acme --json'],
  run(input) {
    const account = readAccount(input);
    return withStore(input, async (store) => {
      for (const { id, accountId, scopes, createdAt, revokedAt } of await store.listTokens(account)) {
        const status = revokedAt ? `revoked ${revokedAt}` : 'usable';
        input.sayRow({ id, account: accountId, scopes, created: createdAt, status });
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
    return withStore(input, async (store) => {
      const isRevoked = await store.revokeToken(id, new Date().toISOString());
      input.say(
        isRevoked ? `Token ${id} is revoked.` : 'There is no usable token with this id. See `oauth-apps token list`.',
      );
      return isRevoked ? 0 : 1;
    });
  },
};
