import type { Config } from '../config.ts';
import { openOutput } from './log-destination.ts';

/** The part of a server, or of several, that a signal or the terminal needs. */
interface Served {
  readonly banner: string;
  stop(): Promise<void>;
}

/** Serves the metrics of all workers. Returns them. @throws ConfigError */
async function serveWorkerMetrics({ host, logLevel }: Config, port: number) {
  const [{ createWorkerMetrics }, { serveMetrics }, { createLog }] = await Promise.all([
    import('./worker-metrics.ts'),
    import('./metrics.ts'),
    import('../log.ts'),
  ]);
  const metrics = await createWorkerMetrics();
  const { url } = await serveMetrics(metrics.render, host, port);
  createLog(logLevel).info(`Metrics are on ${url}.`);
  return metrics;
}

/** Starts as many workers as configured. @throws ConfigError, WorkerFailed */
async function supervise(config: Config): Promise<Served> {
  const { startWorkers } = await import('./workers.ts');
  const { metricsPort, workers: count } = config;
  const metrics = metricsPort === undefined ? undefined : await serveWorkerMetrics(config, metricsPort);
  const workers = await startWorkers(count, metrics?.add);
  process.on('SIGHUP', () => void workers.restart());
  return workers;
}

/** Starts one of several workers. Its figures are reported when it has stopped, for the supervisor. */
async function work(config: Config): Promise<Served> {
  const { serve } = await import('./serve.ts');
  const { banner, stop, metrics } = await serve(config);
  if (metrics === undefined) return { banner, stop };
  const report = (await import('./worker-metrics.ts')).reportFigures(metrics.collect);
  return { banner, stop: () => stop().then(report) };
}

/**
 * Serves until SIGTERM or SIGINT, which end the process with code 0 within 10 s. With several workers, SIGHUP replaces
 * them one after the other.
 * @throws the errors of `serve` and `startWorkers`
 */
export async function serveUntilStopped(config: Config): Promise<void> {
  // Loaded here: a supervisor needs no server of its own, and one server alone no supervisor.
  const cluster = config.workers > 1 ? await import('./workers.ts') : undefined;
  const start = cluster === undefined ? (await import('./serve.ts')).serve : cluster.isSupervisor() ? supervise : work;
  const { banner, stop } = await start(config);
  // Lines that standard error does not take would keep the process running.
  const end = () => void stop().then(() => process.exit(0));
  process.once('SIGTERM', end).once('SIGINT', end);
  if (start === work) cluster?.reportReady(banner);
  else openOutput(1).write(`${banner}\n`);
}
