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
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { renderBanner } from './banner.ts';
import { openOutput } from './log-destination.ts';
import { findFile } from './package-files.ts';
import { warmUp } from './warm-up.ts';

/** A server that runs until it is stopped. */
export interface Running extends Pick<Listening, 'url'> {
  /** The text to print now that it is ready. */
  readonly banner: string;
  /**
   * Finishes the requests in flight, closes everything and writes the last lines of the log. Resolves within 10 s,
   * whatever clients, database and log do.
   */
  stop(): Promise<void>;
}

/** Longer than the requests in flight get. A database that does not close is left open then. */
const closeMilliseconds = 9_000;
/** The time that the last lines of the log get. */
const flushMilliseconds = 500;

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
  const output = openOutput(2);
  const log = createLog(config.logLevel, output);
  const store = await openStore(config.databaseUrl, config);
  let isStopping = false;
  let listening: Listening | undefined;
  const close = async () => {
    await listening?.stop();
    await store.close();
  };
  const stop = async () => {
    isStopping = true;
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, closeMilliseconds);
    try {
      await Promise.race([close(), timeout.promise]);
    } finally {
      clearTimeout(timer);
      await output.flush(flushMilliseconds);
    }
  };
  for (const notice of store.notices) log.info(notice);
  try {
    const keyRing = await loadKeys(config.keys, store, new Date());
    await addConfiguredToken(config, store, log);
    const docs = await readDocs();
    const { responseValidation, maxAppsPerAccount, rateLimit } = config;
    const isEmbedded = !isPostgres(config.databaseUrl);
    const app = await createApp({
      ...{ store, keyRing, log, docs, responseValidation, maxAppsPerAccount, rateLimit },
      isStopping: () => isStopping,
    });
    await warmUp();
    listening = await listen(app, config);
    const { url } = listening;
    const { apiToken, databaseUrl } = config;
    // Not earlier: a start that fails must not mint a token that it cannot show.
    const mintedToken = isEmbedded && apiToken === undefined ? await mintFirstToken(store, new Date()) : undefined;
    const tokenFrom = apiToken !== undefined ? 'environment' : isEmbedded ? 'first start' : 'command';
    const banner = renderBanner({ url, databaseUrl, mintedToken, tokenFrom, hasDocs: docs !== undefined });
    return { url, banner, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
