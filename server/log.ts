import pino, { type DestinationStream } from 'pino';
import { describeError } from './describe-error.ts';

/** What is said of one request. Names, numbers and ids only. */
export interface RequestLine {
  requestId: string;
  method: string;
  operationId?: string;
  /** Left out where the client had gone before anything was sent. */
  status?: number;
  milliseconds: number;
  accountId?: string;
  tokenId?: string;
}

/** The log: an allow-list of facts. Nothing that a caller sent gets into it. */
export interface Log {
  request(line: RequestLine): void;
  /** A fault of the server, by name, code and places in the code: messages may quote data, so they stay out. */
  fault(requestId: string | undefined, error: unknown): void;
  /** The store could not answer, and the code that says why. */
  unavailable(requestId: string | undefined, code: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/** What express-openapi-validator says is wrong with a response: places, and rules of the description. */
function listBreaches(error: unknown): string[] | undefined {
  const { errors } = (error ?? {}) as { errors?: { path?: string; message?: string }[] };
  return errors?.filter(({ path }) => path !== undefined).map(({ path, message }) => `${path}: ${message}`);
}

/** A log in JSON lines, on standard error unless another destination is given, by pino. */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    request: ({ requestId, method, operationId, status, milliseconds, accountId, tokenId }) =>
      logger.info(
        { requestId, method, operationId, status, milliseconds, accountId, tokenId },
        status === undefined ? 'not answered' : 'answered',
      ),
    fault: (requestId, error) =>
      logger.error({ requestId, error: { ...describeError(error), broken: listBreaches(error) } }, 'server fault'),
    unavailable: (requestId, code) => logger.warn({ requestId, code }, 'the store cannot answer'),
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
  };
}

/** A log that keeps nothing. */
export const silentLog: Log = { request() {}, fault() {}, unavailable() {}, info() {}, warn() {} };
