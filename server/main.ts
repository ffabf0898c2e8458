/** The process of the server. `start.js` starts it. */
import { readConfig } from './config.ts';
import { errorMessage } from './process/error-message.ts';

const fail = (error: unknown) => {
  console.error(errorMessage(error));
  process.exitCode = 1;
};
// Node itself would print the whole error, with the values that it quotes.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

try {
  const config = readConfig();
  // Loaded after the configuration, so that an unusable setting is reported at once.
  const { serve } = await import('./process/serve.ts').catch((error: unknown) => {
    // An error of loading quotes only code.
    console.error(error);
    process.exit(1);
  });
  const server = await serve(config);
  const stop = () => server.stop().then(() => process.exit());
  process.once('SIGTERM', stop).once('SIGINT', stop);
  console.log(server.banner);
} catch (error) {
  fail(error);
}
