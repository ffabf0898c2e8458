import type { Config } from '../config.ts';
import { openOutput } from './log-destination.ts';

/** The part of a server, or of several, that a signal or the terminal needs. */
interface Served {
  readonly banner: string;
  stop(): Promise<void>;
}

/** Starts one server, or, as their supervisor, as many as configured. */
async function start(config: Config): Promise<Served & { readonly isWorker: boolean }> {
  if (config.workers > 1) {
    const { isSupervisor, startWorkers } = await import('./workers.ts');
    if (isSupervisor()) {
      const workers = await startWorkers(config.workers);
      process.on('SIGHUP', () => void workers.restart());
      return { ...workers, isWorker: false };
    }
  }
  // Loaded here: a supervisor needs no server of its own.
  const { serve } = await import('./serve.ts');
  return { ...(await serve(config)), isWorker: config.workers > 1 };
}

/**
 * Serves until SIGTERM or SIGINT, which end the process with code 0 within 10 s. With several workers, SIGHUP replaces
 * them one after the other.
 * @throws the errors of `serve` and `startWorkers`
 */
export async function serveUntilStopped(config: Config): Promise<void> {
  const { banner, stop, isWorker } = await start(config);
  // Lines that standard error does not take would keep the process running.
  const end = () => void stop().then(() => process.exit(0));
  process.once('SIGTERM', end).once('SIGINT', end);
  if (isWorker) (await import('./workers.ts')).reportReady(banner);
  else openOutput(1).write(`${banner}\n`);
}
