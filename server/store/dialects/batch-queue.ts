import { millisecondsLeft, withoutDeadline } from '../deadline.ts';
import { StoreUnavailable } from '../store.ts';

/** A question that waits for its batch. */
export interface Asked<Question, Result> {
  readonly question: Question;
  /** The moment of `performance.now()` at which the asker gives up. */
  readonly deadline: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Questions that wait for a batch. */
export interface BatchQueue<Question, Result> {
  /** The number of questions that wait. */
  readonly size: number;
  /** Adds a question. @throws StoreUnavailable at its deadline, unless a batch has taken it before. */
  ask(question: Question): Promise<Result>;
  /**
   * Takes the questions of the next batch, in the order in which they were asked. Rejects those that have less time left
   * than `shortest`, in milliseconds.
   */
  take(mayTake: (asked: Asked<Question, Result>) => boolean, shortest?: number): Asked<Question, Result>[];
}

/** The iterations of the event loop without a new question that end the gathering of a batch. */
const quietIterations = 2;
/** Milliseconds after which a batch is gathered no longer, however many questions still arrive. */
const gatherMilliseconds = 2;

/**
 * Makes a queue of questions. They wait for `flush` together until two iterations of the event loop in a row bring no new
 * one: clients that get their responses at once send their next requests over several, and fuller batches cost less. One
 * timer serves all deadlines: one for each question costs as much as its share of a batch.
 * @param mayRun Whether another batch may run now.
 * @param flush Takes batches and runs them.
 */
export function batchQueue<Question, Result>(mayRun: () => boolean, flush: () => void): BatchQueue<Question, Result> {
  let waiting: Asked<Question, Result>[] = [];
  let isScheduled = false;
  let [timer, timerEnd]: [NodeJS.Timeout | undefined, number] = [undefined, Number.POSITIVE_INFINITY];

  const rejectLate = (moment: number) => {
    const isLate = ({ deadline }: Asked<Question, Result>) => deadline <= moment;
    if (!waiting.some(isLate)) return;
    for (const { reject } of waiting.filter(isLate)) reject(new StoreUnavailable('TIMEOUT'));
    waiting = waiting.filter((asked) => !isLate(asked));
  };
  const watch = (deadline: number) => {
    if (deadline >= timerEnd) return;
    clearTimeout(timer);
    timerEnd = deadline;
    timer = withoutDeadline(() => setTimeout(expire, Math.max(1, deadline - performance.now())));
    timer.unref();
  };
  const expire = () => {
    timerEnd = Number.POSITIVE_INFINITY;
    // A timer may fire a millisecond early.
    rejectLate(performance.now() + 1);
    watch(Math.min(...waiting.map(({ deadline }) => deadline)));
  };
  const gather = (since: number, before: number, quiet: number) => {
    const stillQuiet = waiting.length > before ? 0 : quiet + 1;
    if (stillQuiet < quietIterations && performance.now() - since < gatherMilliseconds) {
      setImmediate(gather, since, waiting.length, stillQuiet);
      return;
    }
    isScheduled = false;
    flush();
  };

  return {
    get size() {
      return waiting.length;
    },
    ask(question) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      const deadline = performance.now() + millisecondsLeft();
      waiting.push({ question, deadline, resolve, reject });
      watch(deadline);
      if (!isScheduled && mayRun()) {
        isScheduled = true;
        withoutDeadline(() => setImmediate(gather, performance.now(), 0, 0));
      }
      return promise;
    },
    take(mayTake, shortest = 0) {
      rejectLate(performance.now() + shortest);
      const taken: Asked<Question, Result>[] = [];
      const rest: Asked<Question, Result>[] = [];
      for (const asked of waiting) (mayTake(asked) ? taken : rest).push(asked);
      waiting = rest;
      return taken;
    },
  };
}

/** Milliseconds after which a batch lets another one begin beside it. Fewer and fuller batches cost less. */
const overlapMilliseconds = 3;

/**
 * Counts the batches that run: `max` at most, and one alone while it has just begun.
 * @param flush Takes batches and runs them.
 */
export function batchSlots(max: number, flush: () => void) {
  let [running, recent] = [0, 0];
  return {
    /** Whether another batch may begin. */
    isFree: () => recent === 0 && running < max,
    /** Begins a batch. Returns the function that ends it. */
    begin() {
      running += 1;
      recent += 1;
      let isRecent = true;
      const age = () => {
        if (isRecent) recent -= 1;
        isRecent = false;
      };
      const timer = setTimeout(() => {
        age();
        flush();
      }, overlapMilliseconds);
      return () => {
        clearTimeout(timer);
        age();
        running -= 1;
      };
    },
  };
}
