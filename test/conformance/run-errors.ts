/** Errors that end a case or a run early, and are no findings. */
import type { Operation } from './contract.ts';
import type { SentRequest } from './exchange.ts';

/** Error raised instead of sending a request after the run was aborted. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** Error raised by a case that cannot be tried. The message is the reason. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}

/** Error for a request that got nothing but 429. */
export class RateLimited extends NotTried {
  /** Request and its responses, for a run that ends with it. */
  readonly explanation: string;
  constructor({ method, url }: SentRequest, result: string) {
    super('the server limits the rate (429); --rate N sends fewer requests a second');
    this.explanation = `${method} ${url} ${result}. --rate N sends fewer requests a second`;
  }
}

/**
 * Error for an implementation that cannot be tested: it is not reachable, or it rejects the token.
 *
 * @example
 * const suite = createSuite({ baseUrl: 'http://127.0.0.1:9', token, only: ['ignored_auth'] });
 * await suite.run().catch((error) => console.log(error instanceof Unreachable)); // true
 */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Error for a request without a response. */
export class NoResponse extends Error {
  override readonly name = 'NoResponse';
  readonly operation: Operation;
  readonly request: SentRequest;
  constructor(operation: Operation, request: SentRequest, reason: string) {
    super(`no response: ${reason}`);
    this.operation = operation;
    this.request = request;
  }
}
