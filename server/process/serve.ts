import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createApp } from '../app.ts';
import type { Config } from '../config.ts';
import { type Listening, listen } from '../http/listen.ts';
import type { Docs } from '../http/public-pages.ts';
import { ensureToken, mintFirstToken } from '../keys/first-token.ts';
import { loadKeys } from '../keys/key-source.ts';
import { createLog, type Log } from '../log.ts';
import { isPostgres } from '../store/database-url.ts';
import { defaultPoolSize, openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { renderBanner } from './banner.ts';
import { findFile } from './package-files.ts';
import { warmUp } from './warm-up.ts';

/** A server that runs until it is stopped. */
export interface Running extends Pick<Listening, 'url'> {
  /** The text to print. A signal may stop the server from then on. */
  readonly banner: string;
  stop(): Promise<void>;
}

/** Reads the built docs; undefined unless all of their files are there. */
async function readDocs(): Promise<Docs | undefined> {
  const folder = join(dirname(findFile('package.json')), 'dist/docs');
  const files = ['index.html', 'docs.md', 'llms.txt'].map((file) => readFile(join(folder, file)));
  const [page, markdown, llms] = await Promise.all(files).catch(() => []);
  return page === undefined || markdown === undefined || llms === undefined ? undefined : { page, markdown, llms };
}

/** Adds the token of `API_TOKEN`, if there is one. */
async function addConfiguredToken({ apiToken }: Config, store: Store, log: Log): Promise<void> {
  if (apiToken === undefined || (await ensureToken(store, apiToken, new Date()))) return;
  log.warn('The token in API_TOKEN was revoked and stays so. Set another one.');
}

/**
 * Opens everything that the server needs, and listens.
 * @throws every error of a start, with everything closed again: StoreUnavailable, StoreNotDurable, StoreTooNew, KeyError,
 *   and Node's error when the port cannot be used.
 */
export async function serve(config: Config): Promise<Running> {
  const log = createLog(config.logLevel);
  const store = await openStore(config.databaseUrl, config);
  let isStopping = false;
  let listening: Listening | undefined;
  const stop = async () => {
    isStopping = true;
    await listening?.stop();
    await store.close();
  };
  try {
    const keyRing = await loadKeys(config.keys, store, new Date());
    await addConfiguredToken(config, store, log);
    const docs = await readDocs();
    const { responseValidation, maxAppsPerAccount, rateLimit } = config;
    const isEmbedded = !isPostgres(config.databaseUrl);
    const app = await createApp({
      ...{ store, keyRing, log, docs, responseValidation, maxAppsPerAccount, rateLimit },
      // No account holds more than half of the connections to PostgreSQL.
      ...(isEmbedded ? {} : { accountCapacity: Math.ceil((config.poolSize ?? defaultPoolSize) / 2) }),
      isStopping: () => isStopping,
    });
    await warmUp();
    listening = await listen(app, config);
    const { url } = listening;
    const { apiToken, databaseUrl } = config;
    // Not earlier: a start that fails must not mint a token that it cannot show.
    const mintedToken = isEmbedded && apiToken === undefined ? await mintFirstToken(store, new Date()) : undefined;
    const tokenFrom = apiToken !== undefined ? 'environment' : isEmbedded ? 'first start' : 'command';
    return {
      url,
      banner: renderBanner({ url, databaseUrl, mintedToken, tokenFrom, hasDocs: docs !== undefined }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
