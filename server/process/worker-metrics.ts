/** The metrics of several workers as one: counts are added up, and those of workers that have ended stay. */
import { type Figures, loadLibrary } from './metrics.ts';

/** The message by which the supervisor requests the figures of a worker. */
interface FiguresRequest {
  readonly wanted: 'figures';
}
/** The message of a worker: on request, and when it stops. */
interface FiguresReport {
  readonly figures: Figures;
}

/** The part of a worker that its metrics need. */
export interface MeasuredWorker {
  on(event: 'message' | 'disconnect', listener: (message: unknown) => void): unknown;
  off(event: 'message' | 'disconnect', listener: (message: unknown) => void): unknown;
  send(message: object, done: (error: Error | null) => void): unknown;
  isConnected(): boolean;
}

/** The metrics of all workers of a supervisor. */
export interface WorkerMetrics {
  /** Adds a worker that is ready. */
  add(worker: MeasuredWorker): void;
  /** Returns the metrics of all workers as one, in the text format of Prometheus. */
  render(): Promise<string>;
}

/** The time that a worker has for its report. The last one counts for a worker that takes longer. */
const reportMilliseconds = 2_000;

/** Metrics that only grow, and that would seem to fall if those of a worker were gone when it is replaced. */
const growing = ['counter', 'histogram'];

/** Resolves when a worker has sent its figures, has ended, or is too busy. */
function requestFigures(worker: MeasuredWorker): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const onMessage = (message: unknown) => isReport(message) && resolve(message);
  const timer = setTimeout(resolve, reportMilliseconds);
  worker.on('message', onMessage);
  worker.on('disconnect', resolve);
  worker.send({ wanted: 'figures' } satisfies FiguresRequest, (error) => error && resolve(error));
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off('message', onMessage);
    worker.off('disconnect', resolve);
  });
}

const isReport = (message: unknown): message is FiguresReport =>
  typeof message === 'object' && message !== null && 'figures' in message;

/** Creates the metrics of a supervisor. @throws ConfigError when the library is not installed */
export async function createWorkerMetrics(): Promise<WorkerMetrics> {
  const { AggregatorRegistry } = await loadLibrary();
  const latest = new Map<MeasuredWorker, Figures>();
  let ended: Figures = [];
  let rendered: Promise<unknown> = Promise.resolve();

  /** Moves the counts of workers that have ended into one, so that the memory does not grow with each restart. */
  const keepEnded = async () => {
    const gone = [...latest].filter(([worker]) => !worker.isConnected());
    if (gone.length === 0) return;
    const counts = gone.map(([, figures]) => figures.filter(({ type }) => growing.includes(String(type))));
    ended = await AggregatorRegistry.aggregate([ended, ...counts]).getMetricsAsJSON();
    for (const [worker] of gone) latest.delete(worker);
  };
  const render = async () => {
    await Promise.all([...latest.keys()].filter((worker) => worker.isConnected()).map(requestFigures));
    await keepEnded();
    return AggregatorRegistry.aggregate([...latest.values(), ended]).metrics();
  };
  return {
    add(worker) {
      latest.set(worker, []);
      worker.on('message', (message: unknown) => {
        if (isReport(message) && latest.has(worker)) latest.set(worker, message.figures);
      });
    },
    // One at a time, so that no worker is counted twice.
    render() {
      const text = rendered.then(render, render);
      rendered = text;
      return text;
    },
  };
}

/** Reports the figures of this worker on request. Returns the function that reports them a last time. */
export function reportFigures(collect: () => Promise<Figures>): () => Promise<void> {
  const report = async () => {
    const figures = await collect();
    const { promise, resolve } = Promise.withResolvers<void>();
    process.send?.({ figures } satisfies FiguresReport, undefined, undefined, () => resolve());
    // Without a supervisor there is no channel.
    if (process.connected) await promise;
  };
  process.on('message', (message: Partial<FiguresRequest>) => {
    if (message.wanted === 'figures') report().catch(() => {});
  });
  return () => report().catch(() => {});
}
