import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createApp } from '../app.ts';
import type { Config } from '../config.ts';
import { messagesOf } from '../express-messages.ts';
import { keepToken, mintFirstToken } from '../keys/first-token.ts';
import { loadKeys } from '../keys/key-source.ts';
import { type Listening, listen } from '../http/listen.ts';
import { createLog } from '../log.ts';
import type { Docs } from '../http/public-pages.ts';
import { findFile } from './package-files.ts';
import { transportProblem } from '../problem.ts';
import { describeDatabase, isPostgres } from '../store/database-url.ts';
import { openStore } from '../store/open-store.ts';
import { warmUp } from './warm-up.ts';
import { renderWelcome } from './banner.ts';

/** The docs that were built into a folder; undefined unless all of them are there. */
async function readDocs(folder: string): Promise<Docs | undefined> {
  const files = ['index.html', 'docs.md', 'llms.txt'].map((file) => readFile(join(folder, file)));
  const [page, markdown, llms] = await Promise.all(files).catch(() => []);
  return page === undefined || markdown === undefined || llms === undefined ? undefined : { page, markdown, llms };
}

/** A server that runs until it is stopped. */
export interface Running extends Pick<Listening, 'url'> {
  /** What to say now that it is ready. Whoever says it can be told to stop from then on. */
  readonly welcome: string;
  stop(): Promise<void>;
}

/** Opens what is needed and listens. Rejects, with everything closed again, when it cannot. */
export async function serve(config: Config): Promise<Running> {
  const root = dirname(findFile('package.json'));
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
    const { apiToken } = config;
    if (apiToken !== undefined && !(await keepToken(store, apiToken, new Date()))) {
      log.warn('The token in API_TOKEN was revoked and stays so. Set another one.');
    }
    const description = await readFile(findFile('generated/openapi.json'), 'utf8');
    const docs = await readDocs(join(root, 'dist/docs'));
    const { responseValidation, maxAppsPerAccount, rateLimit } = config;
    const app = await createApp({
      ...{ store, keyRing, log, description, docs, responseValidation, maxAppsPerAccount, rateLimit },
      isStopping: () => isStopping,
    });
    await warmUp(description);
    const { host, port, databaseUrl } = config;
    listening = await listen(app, { host, port, problemOf: transportProblem, messages: messagesOf(app) });
    const { url } = listening;
    // Not earlier: a start that fails must not mint a token that nobody gets to see.
    const isEmbedded = !isPostgres(databaseUrl);
    const mintsToken = isEmbedded && apiToken === undefined;
    const mintedToken = mintsToken ? await mintFirstToken(store, new Date()) : undefined;
    const example = JSON.parse(description).components.examples.CreateOAuthApp.value;
    const tokenFrom = apiToken !== undefined ? 'environment' : isEmbedded ? 'first start' : 'command';
    const [database, hasDocs] = [describeDatabase(databaseUrl), docs !== undefined];
    return { url, welcome: renderWelcome({ url, database, mintedToken, tokenFrom, hasDocs, example }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
