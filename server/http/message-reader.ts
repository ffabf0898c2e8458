import type { Socket } from 'node:net';
import { MessageSlices } from './message-slices.ts';

/** The unread bytes of a connection from which on it is paused: a full read of Node. */
const maxUnreadBytes = 65_536;

/** The slices that are parsed in one iteration of the event loop at most. Each takes a few microseconds. */
const maxSlices = 64;

/** The decisions of the connection that is read. */
export interface ReaderOwner {
  /**
   * Whether the parser may have more bytes.
   * @param isAtEnd Whether the bytes before them ended with a head or with a body.
   */
  mayParse(isAtEnd: boolean): boolean;
  /** Whether as much of the body waits for its reader as Node buffers. */
  readonly isBodyFull: boolean;
  /** Announces the end of the connection, if it is near, once bytes have arrived or have been parsed. */
  announceClose(): void;
}

/**
 * Reads a connection of an HTTP server in place of Node, and gives the parser one message at a time. Node itself would
 * parse all messages of a chunk. Bytes that have to wait stay bytes, outside of V8's heap, and the socket is paused when
 * they are too many.
 */
export class MessageReader {
  readonly #socket: Socket;
  readonly #owner: ReaderOwner;
  readonly #slices = new MessageSlices();
  readonly #parse: (slice: Buffer) => void;
  /** Whether this reader, and not Node, has paused the socket. */
  #hasPaused = false;
  /** Whether the parser gets nothing more in this iteration of the event loop. */
  #isResting = false;

  constructor(socket: Socket, owner: ReaderOwner) {
    this.#socket = socket;
    this.#owner = owner;
    const [parse] = socket.listeners('data') as ((chunk: Buffer) => void)[];
    if (parse === undefined) throw new TypeError('The socket has no parser.');
    this.#parse = parse;
    const read = () => this.read();
    // A listener for 'data' makes Node remove those that stop and start the reading with the socket.
    const [onPause, onResume] = [socket.listeners('pause'), socket.listeners('resume')] as (() => void)[][];
    socket.on('data', (chunk: Buffer) => {
      this.#slices.add(chunk);
      this.read();
    });
    socket.off('data', parse);
    for (const listener of onPause ?? []) socket.on('pause', listener);
    for (const listener of [...(onResume ?? []), read]) socket.on('resume', listener);
    socket.on('drain', read);
  }

  /** The number of bytes that the parser has not got yet. */
  get unreadBytes(): number {
    return this.#slices.length;
  }

  /** Sets the length of the body of the message whose head was just parsed; 0 where it is unknown. */
  expectBody(bytes: number): void {
    this.#slices.expectBody(bytes);
  }

  /** Gives the parser what it may get now. Drops everything once the connection ends. */
  read(): void {
    if (!this.#socket.writable) this.#slices.clear();
    this.#parseSlices();
    if (this.#owner.isBodyFull) {
      // Node has paused the socket, and resumes it when the body is read.
      this.#hasPaused = false;
    } else if (this.unreadBytes >= maxUnreadBytes) {
      this.#hasPaused = true;
      this.#socket.pause();
    } else if (this.#hasPaused) {
      this.#hasPaused = false;
      this.#socket.resume();
    }
    this.#owner.announceClose();
  }

  #parseSlices(): void {
    if (this.#isResting) return;
    let left = maxSlices;
    for (; left > 0 && this.unreadBytes > 0 && this.#isReady(); left -= 1) this.#parse(this.#slices.take());
    if (left > 0) return;
    // Bytes that end thousands of slices must not hold up other connections.
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
      this.read();
    });
  }

  /** Whether the parser may have the next slice. Node has paused it while the socket has to drain or a body is full. */
  #isReady(): boolean {
    const { writableNeedDrain } = this.#socket;
    const isPausedByNode = this.#socket.isPaused() && !this.#hasPaused;
    return !writableNeedDrain && !isPausedByNode && this.#owner.mayParse(this.#slices.isAtEnd);
  }
}
