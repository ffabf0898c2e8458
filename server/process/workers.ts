import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** The time before a worker that ended by itself is started again. */
const restartMilliseconds = 1_000;

/** The message of a worker that is ready. */
interface Ready {
  readonly banner: string;
}

/** Several server processes on one port. */
export interface Workers {
  /** The banner of the first worker. */
  readonly banner: string;
  /**
   * Starts a new worker for each one, waits until it is ready, and then stops the old one. Once a new one does not become
   * ready, the old ones go on. A restart that is called meanwhile follows.
   */
  restart(): Promise<void>;
  /** Stops all workers. Resolves once the last has ended. */
  stop(): Promise<void>;
}

/** A worker that did not become ready. It has printed the reason itself. */
export class WorkerFailed extends Error {
  override readonly name = 'WorkerFailed';
}

/** Whether this process is the one that starts workers, not one of them. */
export const isSupervisor = (): boolean => cluster.isPrimary;

/** Tells the supervisor that this worker is ready. */
export function reportReady(banner: string): void {
  process.send?.({ banner } satisfies Ready);
}

/** Starts a worker. @throws WorkerFailed when it ends before it is ready */
async function startWorker(): Promise<{ worker: Worker; banner: string }> {
  const worker = cluster.fork();
  const ended = once(worker, 'exit').then(() => {
    throw new WorkerFailed();
  });
  ended.catch(() => {});
  const [{ banner }] = (await Promise.race([once(worker, 'message'), ended])) as [Ready];
  return { worker, banner };
}

async function stopWorker(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const ended = once(worker, 'exit');
  worker.process.kill('SIGTERM');
  await ended;
}

/**
 * Starts this program `count` times; all processes listen on the same port. The first one is ready before the others
 * start, so that one alone migrates the database and mints a token. A worker that ends by itself is started again.
 * @param onReady Called with each worker that is ready.
 * @throws WorkerFailed when one does not become ready
 */
export async function startWorkers(count: number, onReady: (worker: Worker) => void = () => {}): Promise<Workers> {
  const workers = new Set<Worker>();
  let isStopping = false;
  const keepRunning = async (worker: Worker) => {
    await once(worker, 'exit');
    if (!workers.delete(worker) || isStopping) return;
    console.error(`Worker ${worker.process.pid} ended. Another one is started.`);
    do await setTimeout(restartMilliseconds);
    while (!isStopping && !(await isAdded()));
  };
  const add = async () => {
    const { worker, banner } = await startWorker();
    workers.add(worker);
    onReady(worker);
    void keepRunning(worker);
    return banner;
  };
  const isAdded = () =>
    add().then(
      () => true,
      () => false,
    );
  const replaceAll = async () => {
    for (const old of [...workers]) {
      if (!(await isAdded())) {
        console.error('The restart has ended: a new worker did not become ready. The old ones go on.');
        return;
      }
      workers.delete(old);
      await stopWorker(old);
    }
  };
  let restarted = Promise.resolve();
  const banner = await add();
  await Promise.all(Array.from({ length: count - 1 }, add));
  return {
    banner,
    restart() {
      restarted = restarted.then(replaceAll);
      return restarted;
    },
    async stop() {
      isStopping = true;
      await Promise.all(Array.from(workers, stopWorker));
    },
  };
}
