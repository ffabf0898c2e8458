import { type Command, storePackages } from './command.ts';

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
  async run({ readConfig }) {
    // Loaded here: the other commands start three times faster without the server.
    const { serveUntilStopped } = await import('../process/serve-until-stopped.ts');
    await serveUntilStopped(readConfig());
    // A signal ends the process.
    return new Promise<never>(() => {});
  },
};
