import pino, { type DestinationStream } from 'pino';
import { describeError } from './process/error-facts.ts';
import { openOutput } from './process/log-destination.ts';

/** The facts that the log holds of one request: names, numbers and ids. */
export interface RequestLine {
  readonly requestId: string;
  /** Left out where the request could not be parsed. */
  readonly method?: string;
  operationId?: string;
  /** Left out where the client closed the connection before a response was sent. */
  status?: number;
  milliseconds: number;
  accountId?: string;
  tokenId?: string;
}

/**
 * The log: an allow-list of facts, none of which a client sent.
 * @example
 * const silent: Log = createLog('silent');
 */
export interface Log {
  /** Logs a finished request: one line, without values that a client sent. */
  request(line: RequestLine): void;
  /** Logs a fault of the server by name, code and places in the code. Its message may quote data and stays out. */
  fault(requestId: string | undefined, error: unknown): void;
  /** Logs that the secret of an app was changed outside of the API and does not open. */
  damaged(accountId: string, appId: string): void;
  /** Logs that the store could not respond, with the code of the reason. */
  unavailable(requestId: string | undefined, code: string): void;
  /** Logs an event. */
  info(message: string): void;
  /** Logs a fact that an operator should look at. */
  warn(message: string): void;
}

/** Lists the failures of an invalid response: places, and rules of the description. */
function listFailures(error: unknown): string[] | undefined {
  const { errors } = (error ?? {}) as { errors?: { path?: string; message?: string }[] };
  return errors?.filter(({ path }) => path !== undefined).map(({ path, message }) => `${path}: ${message}`);
}

/**
 * Creates a log of JSON lines, by pino.
 * @param destination Left out: standard error, by way of a buffer of 1 MiB. A disk or a reader that takes no lines never
 *   blocks the process; once it takes them again, a line `log lines lost` counts those that found no room.
 * @example
 * createLog('silent').info('is below the level');
 */
export function createLog(level: string, destination: DestinationStream = openOutput(2)): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    request: ({ requestId, method, operationId, status, milliseconds, accountId, tokenId }) =>
      logger.info(
        { requestId, method, operationId, status, milliseconds, accountId, tokenId },
        status === undefined ? 'no response sent' : 'response sent',
      ),
    fault: (requestId, error) =>
      logger.error({ requestId, error: { ...describeError(error), failures: listFailures(error) } }, 'server fault'),
    damaged: (accountId, appId) => logger.error({ accountId, appId }, 'a secret is damaged'),
    unavailable: (requestId, code) => logger.warn({ requestId, code }, 'the store cannot respond'),
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
  };
}

/** A log that keeps nothing. */
export const silentLog: Log = { request() {}, fault() {}, damaged() {}, unavailable() {}, info() {}, warn() {} };
