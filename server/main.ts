/** The process entry: reads the environment, opens what is needed, listens and says where. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { ensureToken } from './first-token.ts';
import { createLog } from './log.ts';
import { KeyError, loadKeyRing } from './secrets.ts';
import { openStore } from './store/open-store.ts';
import { StoreTooNew } from './store/store.ts';
import { renderWelcome } from './welcome.ts';

const root = join(import.meta.dirname, '..');

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const keyRing = loadKeyRing(config.secretKeys, new Date());
  const log = createLog(config.logLevel);
  const store = await openStore(config.databaseUrl);
  const mintedToken = await ensureToken(store, config.apiToken, new Date());
  const description = await readFile(join(root, 'generated/openapi.json'), 'utf8');
  const app = await createApp({
    store,
    keyRing,
    log,
    description,
    docs: await readFile(join(root, 'dist/docs/index.html'), 'utf8').catch(() => undefined),
    responseValidation: config.responseValidation,
  });

  const server = createServer(app).listen(config.port, config.host);
  await once(server, 'listening');
  const { address, port, family } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const { databaseUrl, apiToken } = config;
  const example = JSON.parse(description).components.examples.CreateOAuthApp.value;
  console.log(renderWelcome({ url, databaseUrl, mintedToken, hasApiToken: apiToken !== undefined, example }));

  const stop = () => {
    server.close(() => store.close());
    server.closeIdleConnections();
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

/** Why the server cannot start, in words that say what to do; undefined for a fault that nobody foresaw. */
function explain(error: unknown): string | undefined {
  if (error instanceof ConfigError || error instanceof StoreTooNew) return error.message;
  if (error instanceof KeyError) return `SECRET_KEYS or SECRET_KEYS_FILE: ${error.message}.`;
  const { code } = error as { code?: string };
  if (code === 'EADDRINUSE') return 'The port is taken. Set PORT to another one, or to 0 for any.';
  if (code === 'EACCES') return 'The port may not be used. Set PORT to one above 1023.';
  if (code === 'ERR_SQLITE_ERROR') return 'The database file cannot be opened. Look at DATABASE_URL.';
  return undefined;
}

await start().catch((error: unknown) => {
  console.error(explain(error) ?? error);
  process.exit(1);
});
