import { createApp } from '../app.ts';
import type { Config } from '../config.ts';
import { type Listening, listen } from '../http/listen.ts';
import { mintFirstToken } from '../keys/first-token.ts';
import { type KeyRing, keyIdOf } from '../keys/key-ring.ts';
import { listMissingKeys, loadKeys, recordKeyUse } from '../keys/key-source.ts';
import { placeholderToken } from '../keys/tokens.ts';
import { createLog, type Log, type RequestLine } from '../log.ts';
import { checkKeys } from '../resource/key-check.ts';
import { isPostgres } from '../store/database-url.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { type BannerFacts, renderBanner } from './banner.ts';
import { readDocs } from './docs-files.ts';
import { listOpenFiles } from './file-modes.ts';
import { openOutput } from './log-destination.ts';
import type { Metrics } from './metrics.ts';
import { applyApiToken, checkApiToken, isLoopback } from './operator-token.ts';
import { startPurging } from './purge.ts';
import { damagedKeyId, type SecretReports, secretReports } from './secret-reports.ts';
import { warmUp } from './warm-up.ts';

/** A server that runs until it is stopped. */
export interface Running extends Pick<Listening, 'url'> {
  /** The text to print now that it is ready. */
  readonly banner: string;
  /** Set where the metrics have a port. */
  readonly metrics?: Metrics;
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

/** Loads the keys and tries them on the database. @throws KeyError, StoreUnavailable */
async function prepareKeys({ keys }: Config, store: Store, log: Log): Promise<[KeyRing, SecretReports]> {
  const keyRing = await loadKeys(keys, store, new Date());
  const reports = secretReports(store, log);
  for (const { secret, state } of await checkKeys(store, keyRing))
    reports.reportSecret(secret, state, keyIdOf(secret.envelope));
  for (const keyId of await listMissingKeys(store, keyRing)) if (keyId !== damagedKeyId) reports.reportKey(keyId);
  await recordKeyUse(store, keyRing);
  return [keyRing, reports];
}

function originOfToken(apiToken: string | undefined, isEmbedded: boolean): BannerFacts['tokenFrom'] {
  if (apiToken !== undefined) return apiToken === placeholderToken ? 'published pages' : 'environment';
  return isEmbedded ? 'first start' : 'command';
}

/** Creates the metrics of this process. Loaded here: most servers have none. @throws ConfigError */
const measure = async (store: Store, keyRing: KeyRing): Promise<Metrics> =>
  (await import('./metrics.ts')).createMetrics(store, keyRing);

/** Serves the metrics of this process. Returns the function that ends it. @throws ConfigError */
async function showMetrics({ render }: Metrics, { host, metricsPort = 0 }: Config, log: Log): Promise<() => void> {
  const { url, close } = await (await import('./metrics.ts')).serveMetrics(render, host, metricsPort);
  log.info(`Metrics are on ${url}.`);
  return close;
}

/** Logs what an operator should mend. */
function warnOfSettings(config: Config, log: Log): void {
  for (const warning of listOpenFiles(config)) log.warn(warning);
  if (!isLoopback(config.host))
    log.warn('The server speaks plain HTTP beyond this machine. Put a proxy with TLS in front; see SECURITY.md.');
}

/**
 * Opens everything that the server needs, and listens.
 * @throws every error of a start, with everything closed again: StoreUnavailable, StoreNotDurable, StoreTooNew, KeyError,
 *   and Node's error when the port cannot be used.
 */
export async function serve(config: Config): Promise<Running> {
  checkApiToken(config);
  const output = openOutput(2);
  const log = createLog(config.logLevel, output);
  const store = await openStore(config.databaseUrl, config);
  let isStopping = false;
  let stopPurging = () => {};
  let stopMetrics = () => {};
  let listening: Listening | undefined;
  const close = async () => {
    await listening?.stop();
    await store.close();
  };
  const stop = async () => {
    isStopping = true;
    stopPurging();
    stopMetrics();
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
    const [keyRing, reports] = await prepareKeys(config, store, log);
    await applyApiToken(config, store, log, new Date());
    stopPurging = startPurging(store, log);
    const metrics = config.metricsPort === undefined ? undefined : await measure(store, keyRing);
    const docs = await readDocs();
    const { responseValidation, maxAppsPerAccount, rateLimit, failedAuthLimit, corsOrigins } = config;
    const isEmbedded = !isPostgres(config.databaseUrl);
    const app = await createApp({
      ...{ store, keyRing, log, docs, responseValidation, maxAppsPerAccount, rateLimit },
      ...{ failedAuthLimit, corsOrigins, secretReports: reports, observe: metrics?.observe },
      isStopping: () => isStopping,
    });
    await warmUp();
    /** Takes requests that cannot be parsed, which the app does not see. */
    const request = (line: RequestLine) => {
      log.request(line);
      metrics?.observe(line);
    };
    listening = await listen(app, { ...config, log: { request } });
    warnOfSettings(config, log);
    const { url } = listening;
    if (metrics !== undefined && config.workers === 1) stopMetrics = await showMetrics(metrics, config, log);
    const { apiToken, databaseUrl } = config;
    // Not earlier: a start that fails must not mint a token that it cannot show.
    const mintedToken = isEmbedded && apiToken === undefined ? await mintFirstToken(store, new Date()) : undefined;
    const tokenFrom = originOfToken(apiToken, isEmbedded);
    const banner = renderBanner({ url, databaseUrl, mintedToken, tokenFrom, hasDocs: docs !== undefined });
    return { url, banner, metrics, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
