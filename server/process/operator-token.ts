import { type Config, ConfigError } from '../config.ts';
import { endPlaceholder, ensureToken, findSlotToken } from '../keys/first-token.ts';
import { findTokenFault, placeholderToken } from '../keys/tokens.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

type Settings = Pick<Config, 'apiToken' | 'host'>;

/** Whether a host reaches this machine alone. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);

/**
 * Checks the token in `API_TOKEN`. The published placeholder works on this machine alone.
 * @throws ConfigError when it cannot be used, or can be guessed
 */
export function checkApiToken({ apiToken, host }: Settings): void {
  if (apiToken === undefined) return;
  if (apiToken === placeholderToken) {
    if (isLoopback(host)) return;
    throw new ConfigError(
      'API_TOKEN is the placeholder of the published pages, which works with a HOST of this machine alone. Set a token of your own, such as `openssl rand -base64 32` makes.',
    );
  }
  const fault = findTokenFault(apiToken);
  if (fault !== undefined) throw new ConfigError(`API_TOKEN ${fault}.`);
}

/** Makes the token in `API_TOKEN` the operator's, and logs what happens to tokens. @throws StoreUnavailable */
async function takeApiToken(store: Store, apiToken: string, log: Log, now: Date): Promise<void> {
  const { outcome, ended } = await ensureToken(store, apiToken, now);
  for (const id of ended) log.warn(`API_TOKEN has changed. The token that it had before, ${id}, is revoked.`);
  if (outcome === 'revoked') log.warn('The token in API_TOKEN was revoked and stays so. Set another one.');
}

/** Applies the setting of `API_TOKEN` to the tokens in the database. @throws StoreUnavailable */
export async function applyApiToken({ apiToken, host }: Settings, store: Store, log: Log, now: Date): Promise<void> {
  if (!isLoopback(host) && (await endPlaceholder(store, now)))
    log.warn(
      'The placeholder of the published pages was a token. It is revoked, because HOST is not of this machine alone.',
    );
  if (apiToken !== undefined) return takeApiToken(store, apiToken, log, now);
  const former = await findSlotToken(store);
  if (former === undefined) return;
  log.warn(
    `API_TOKEN is not set. The token that it had before is still usable; \`oauth-apps token revoke ${former.id}\` ends it.`,
  );
}
