/** The process of the server. `start.js` starts it. */
import { readConfig } from './config.ts';
import { errorMessage } from './process/error-message.ts';
import { openOutput } from './process/log-destination.ts';

const standardError = openOutput(2);
/** Ends the process at once: a message that finds no room is lost. */
const fail = (error: unknown): never => {
  standardError.write(`${errorMessage(error)}\n`);
  process.exit(1);
};
// Node itself would print the whole error, with the values that it quotes.
process.on('uncaughtException', fail);

try {
  const config = readConfig();
  // Loaded after the configuration, so that an unusable setting is reported at once.
  const { serveUntilStopped } = await import('./process/serve-until-stopped.ts').catch((error: unknown) => {
    // An error of loading quotes only code.
    console.error(error);
    process.exit(1);
  });
  await serveUntilStopped(config);
} catch (error) {
  fail(error);
}
