import { once } from 'node:events';
import { type Command, storePackages } from './command.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Serves the API, the docs page and the description until it is stopped.',
  options: { port: { type: 'string' }, host: { type: 'string' } },
  packages: [...storePackages, 'express', 'express-openapi-validator', 'pino', 'rate-limiter-flexible'],
  help: [
    ['--port N', 'where to listen, 0 for any free port (default: PORT or 3000)'],
    ['--host H', 'the address to listen on (default: HOST or 127.0.0.1)'],
  ],
  async run({ readConfig }) {
    // Loaded here: the other commands start three times faster without the server.
    const { serve: serveApi } = await import('../process/serve.ts');
    const server = await serveApi(readConfig());
    const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    server.printBanner();
    await stopped;
    await server.stop();
    // Lines that standard error does not take would keep the process running.
    process.exit(0);
  },
};
