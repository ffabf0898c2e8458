import pino, { type DestinationStream } from 'pino';

/** The facts that the log holds of one request: names, numbers and ids. */
export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  operationId?: string;
  /** Left out where the client closed the connection before a response was sent. */
  status?: number;
  milliseconds: number;
  accountId?: string;
  tokenId?: string;
}

/** The log: an allow-list of facts, none of which a client sent. */
export interface Log {
  request(line: RequestLine): void;
  /** Logs a fault of the server by name, code and places in the code. Its message may quote data and stays out. */
  fault(requestId: string | undefined, error: unknown): void;
  /** Logs that the store could not answer, with the code of the reason. */
  unavailable(requestId: string | undefined, code: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/** The facts of an unexpected error that may be shown. */
export interface ErrorFacts {
  readonly name?: string;
  /** Such as `ECONNRESET`, or the SQLSTATE of PostgreSQL. */
  readonly code?: string;
  /** The frames of the stack, innermost first. */
  readonly at?: readonly string[];
}

const plainName = /^\w{1,40}$/;
const stackFrame = /^ {4}at .*:\d+:\d+\)?$/;

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Returns the frames of a stack without the message in front of them, which may have lines of its own. */
function framesOf(stack: string, message: string): string[] {
  const behind = stack.indexOf(message) + message.length;
  return stack
    .slice(behind)
    .split('\n')
    .filter((line) => stackFrame.test(line));
}

/** Reduces an error, or any other thrown value, to the facts that may be shown. */
export function describeError(error: unknown): ErrorFacts {
  const { name, code, stack, message } = (error ?? {}) as Record<string, unknown>;
  const [shownName, shownCode] = [textOf(name), textOf(code)];
  return {
    ...(shownName !== undefined && plainName.test(shownName) && { name: shownName }),
    ...(shownCode !== undefined && plainName.test(shownCode) && { code: shownCode }),
    ...(typeof stack === 'string' && { at: framesOf(stack, textOf(message) ?? '') }),
  };
}

/** Lists the failures of an invalid response: places, and rules of the description. */
function listFailures(error: unknown): string[] | undefined {
  const { errors } = (error ?? {}) as { errors?: { path?: string; message?: string }[] };
  return errors?.filter(({ path }) => path !== undefined).map(({ path, message }) => `${path}: ${message}`);
}

/**
 * Creates a log of JSON lines, by pino.
 * @param destination Left out: standard error.
 */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    request: ({ requestId, method, operationId, status, milliseconds, accountId, tokenId }) =>
      logger.info(
        { requestId, method, operationId, status, milliseconds, accountId, tokenId },
        status === undefined ? 'no response sent' : 'response sent',
      ),
    fault: (requestId, error) =>
      logger.error({ requestId, error: { ...describeError(error), failures: listFailures(error) } }, 'server fault'),
    unavailable: (requestId, code) => logger.warn({ requestId, code }, 'the store cannot answer'),
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
  };
}

/** A log that keeps nothing. */
export const silentLog: Log = { request() {}, fault() {}, unavailable() {}, info() {}, warn() {} };
