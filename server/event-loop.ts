import { setImmediate } from 'node:timers/promises';

/** The end of the queue of turns. */
let lastTurn: Promise<void> = Promise.resolve();

/**
 * Resolves in a later iteration of the event loop, one caller per iteration. Long work that waits for its turn between
 * its steps lets all other requests run in between, however many such works there are.
 */
export function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}
