/** The process of the server. `start.js` starts it. */
import { readConfig } from './config.ts';
import { explain } from './process/error-message.ts';

const fail = (error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
};
// Node itself would print the whole error, with all that it quotes.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

try {
  const config = readConfig();
  // Only now: a setting that cannot be used is told at once, before all the rest is loaded.
  const { serve } = await import('./process/serve.ts').catch((error: unknown) => {
    // Code that cannot be loaded quotes nothing but itself.
    console.error(error);
    process.exit(1);
  });
  const server = await serve(config);
  const stop = () => server.stop().then(() => process.exit());
  process.once('SIGTERM', stop).once('SIGINT', stop);
  console.log(server.welcome);
} catch (error) {
  fail(error);
}
