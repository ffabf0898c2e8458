import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../log.ts';
import { requestTimeoutCode, respondToClientError } from './client-errors.ts';
import { MessageReader, type ReaderOwner } from './message-reader.ts';

/** The time that a client has to use an idle connection once more; the response then says `Connection: close`. */
export const idleGraceMilliseconds = 500;

/** The state of a server that its connections share. */
export interface ServerState {
  readonly listener: RequestListener;
  /** Gets the responses to requests that cannot be parsed. The listener logs all others. */
  readonly log: Pick<Log, 'request'> | undefined;
  /** Whether requests wait although no other is in work. */
  isHolding: boolean;
  /** Whether the last response of every connection closes it. */
  isStopping: boolean;
  /** The number of parsed requests that wait, over all connections. */
  waiting: number;
}

/** A request with its response. */
interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** An exchange that waits. */
interface WaitingExchange extends Exchange {
  /** Runs a function in the context of the request, which tools that trace requests gave it when it was parsed. */
  readonly inContext: (work: () => void) => void;
}

/** An error of Node's parser, and the latest request at that time. */
interface ParserError {
  readonly code: string;
  readonly latest: IncomingMessage | undefined;
  readonly wasComplete: boolean | undefined;
}

/**
 * A connection with one request in work at a time. The next one starts when the system has taken over the response before
 * it, so that a client that reads slowly holds one response in memory. Requests behind it wait in their order.
 *
 * Node reads and parses a chunk of 64 KiB at once, which can be 3,600 requests. That is left to Node until the client
 * sends a request before it has the response to the one before (pipelining); a `MessageReader` reads from then on. It does
 * not read from the start, because bytes that leave Node's native code cost 7 % of the time of a small request.
 */
export class Connection implements ReaderOwner {
  readonly #socket: Socket;
  readonly #server: ServerState;
  readonly #waiting: WaitingExchange[] = [];
  #running: Exchange | undefined;
  /** The request that was parsed last. Its body may be still to come. */
  #latest: IncomingMessage | undefined;
  #reader: MessageReader | undefined;
  #error: ParserError | undefined;

  constructor(socket: Socket, server: ServerState) {
    this.#socket = socket;
    this.#server = server;
    socket.once('close', () => this.#drop());
  }

  get isBodyFull(): boolean {
    const { complete = true, readableLength = 0, readableHighWaterMark = 1 } = this.#latest ?? {};
    return !complete && readableLength >= readableHighWaterMark;
  }

  get #hasMore(): boolean {
    return this.#waiting.length > 0 || (this.#reader?.unreadBytes ?? 0) > 0;
  }

  /** Takes a request that Node has parsed. Starts it, unless it has to wait. */
  take(req: IncomingMessage, res: ServerResponse): void {
    if (!this.#socket.writable) return;
    this.#latest = req;
    this.#reader?.expectBody(Number(req.headers['content-length'] ?? 0));
    if (this.#running === undefined && this.#waiting.length === 0 && !this.#server.isHolding) {
      this.#start({ req, res });
      return;
    }
    this.#waiting.push({ req, res, inContext: AsyncLocalStorage.snapshot() });
    this.#server.waiting += 1;
    if (this.#running !== undefined) this.readByMessage();
    this.announceClose();
  }

  /** Starts the next request, unless one is in work. A client that has left gets nothing more. */
  proceed(): void {
    this.#reviewError();
    if (!this.#socket.writable) this.#drop();
    else if (this.#running === undefined && !this.#server.isHolding) this.#startNext();
    this.#reader?.read();
    this.#respondToError();
    this.announceClose();
  }

  /** Lets Node's parser have one message at a time from now on. */
  readByMessage(): void {
    this.#reader ??= new MessageReader(this.#socket, this);
  }

  /**
   * Takes an error of Node's parser. Its response comes behind those to the requests before it; it replaces the response
   * to the request whose body it is in.
   */
  fail(code: string): void {
    this.#error = { code, latest: this.#latest, wasComplete: this.#latest?.complete };
    this.proceed();
  }

  /**
   * Announces the end of the connection with the last response before the server stops, so that the client sends its next
   * request over another connection. Bytes that have arrived or were parsed decide which response that is.
   */
  announceClose(): void {
    const res = this.#running?.res;
    if (!this.#server.isStopping || res === undefined || res.headersSent) return;
    if (this.#hasMore) res.removeHeader('Connection');
    else res.setHeader('Connection', 'close');
  }

  /** Closes the connection after a while, unless a request is in work or waits then. */
  closeIfIdle(): void {
    setTimeout(() => {
      if (this.#running === undefined && !this.#hasMore) this.#socket.end();
    }, idleGraceMilliseconds);
  }

  #start(exchange: Exchange): void {
    const { req, res } = exchange;
    this.#running = exchange;
    res.on('close', () => {
      if (this.#hasMore) setImmediate(() => this.#finish());
      else this.#finish();
    });
    this.announceClose();
    this.#server.listener(req, res);
  }

  /** Ends the request in work. In an iteration of the event loop of its own where others wait, for other connections. */
  #finish(): void {
    this.#running = undefined;
    this.proceed();
    if (this.#server.isStopping) this.closeIfIdle();
  }

  #startNext(): void {
    const [next] = this.#waiting;
    // A body with an error in it, or one that is late, never ends.
    if (next === undefined || (this.#error !== undefined && !next.req.complete)) return;
    this.#waiting.shift();
    this.#server.waiting -= 1;
    next.inContext(() => this.#start(next));
  }

  /** Whether the parser may have more: the rest of a message always, a new one when no other is in work or waits. */
  mayParse(isAtEnd: boolean): boolean {
    if (!this.#socket.writable || (this.#error !== undefined && this.#error.code !== requestTimeoutCode)) return false;
    if (this.isBodyFull) return false;
    const isBetween = isAtEnd && this.#latest?.complete !== false;
    return !isBetween || (this.#running === undefined && this.#waiting.length === 0);
  }

  /** Forgets that a request is late once it has arrived. */
  #reviewError(): void {
    const { code, latest, wasComplete } = this.#error ?? {};
    const hasArrived = this.#latest?.complete && (this.#latest !== latest || !wasComplete);
    if (code === requestTimeoutCode && hasArrived) this.#error = undefined;
  }

  #respondToError(): void {
    this.#reviewError();
    const first = this.#running ?? this.#waiting[0];
    if (this.#error === undefined || first?.req.complete) return;
    // The rest of a response that is being sent would follow the problem.
    if (first?.res.headersSent) this.#socket.destroy();
    else respondToClientError(this.#socket, this.#error.code, this.#server.log);
    this.#reader?.read();
  }

  #drop(): void {
    this.#server.waiting -= this.#waiting.length;
    this.#waiting.length = 0;
    this.#reader?.read();
  }
}
