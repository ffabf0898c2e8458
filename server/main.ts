/** The process entry of the server. */
import { readConfig } from './config.ts';
import { explain } from './explain.ts';

try {
  const config = readConfig();
  // Only now: a setting that cannot be used is told at once, before all the rest is loaded.
  const { serve } = await import('./serve.ts');
  const server = await serve(config, console.log);
  const stop = () => server.stop().then(() => process.exit());
  process.once('SIGTERM', stop).once('SIGINT', stop);
} catch (error) {
  console.error(explain(error) ?? error);
  process.exitCode = 1;
}
