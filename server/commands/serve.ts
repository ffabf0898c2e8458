import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { docsFolder } from '../process/docs-files.ts';
import { type Command, storePackages } from './command.ts';
import { buildDocs, redocly } from './docs.ts';
import { isInstalled } from './requirements.ts';

/** Builds the docs page of the installed package, once. Without it, the server shows the same as text. */
async function ensureDocs(say: (line: string) => void): Promise<void> {
  const isPackage = extname(import.meta.filename) === '.js';
  const isNeeded = cluster.isPrimary && isPackage && !existsSync(join(docsFolder(), 'index.html'));
  if (!isNeeded || !isInstalled(redocly)) return;
  say('Building the docs page …');
  await buildDocs(docsFolder());
}

export const serve: Command = {
  name: 'serve',
  summary: 'Serves the API, the docs page and the description until it is stopped.',
  packages: [...storePackages, 'express', 'express-openapi-validator', 'pino', 'rate-limiter-flexible'],
  help: [
    ['--port N', 'where to listen, 0 for any free port (default: PORT or 3000)'],
    ['--host H', 'the address to listen on (default: HOST or 127.0.0.1)'],
    ['--workers N', 'the number of processes on the port (default: WORKERS or 1)'],
  ],
  examples: ['serve', 'serve --port 8080 --workers 4'],
  async run({ readConfig, say }) {
    const config = readConfig();
    await ensureDocs(say);
    // Loaded here: the other commands start three times faster without the server.
    const { serveUntilStopped } = await import('../process/serve-until-stopped.ts');
    await serveUntilStopped(config);
    // A signal ends the process.
    return new Promise<never>(() => {});
  },
};
