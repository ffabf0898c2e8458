/** The process entry of the server. */
import { readConfig } from './config.ts';
import { explain } from './explain.ts';
import { serve } from './serve.ts';

try {
  const server = await serve(readConfig(), console.log);
  const stop = () => server.stop().then(() => process.exit());
  process.once('SIGTERM', stop).once('SIGINT', stop);
} catch (error) {
  console.error(explain(error) ?? error);
  process.exitCode = 1;
}
