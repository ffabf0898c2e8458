import type { Socket } from 'node:net';
import { MessageSlices } from './message-slices.ts';

/** The unread bytes of a connection from which on it is paused: a full read of Node. */
const maxUnreadBytes = 65_536;

/**
 * Decides whether the parser may get more bytes.
 * @param isAtEnd Whether the bytes before them ended with a head or with a body.
 */
type MayParse = (isAtEnd: boolean) => boolean;

/**
 * Reads a connection of an HTTP server in place of Node, and gives the parser one message at a time. Node itself would
 * parse all messages of a chunk. Bytes that have to wait stay bytes, outside of V8's heap, and the socket is paused when
 * they are too many.
 */
export class MessageReader {
  readonly #socket: Socket;
  readonly #mayParse: MayParse;
  readonly #slices = new MessageSlices();
  readonly #parse: (slice: Buffer) => void;
  /** Whether this reader has paused the socket. Node does so too, when a body arrives faster than it is read. */
  #hasPaused = false;

  constructor(socket: Socket, mayParse: MayParse) {
    this.#socket = socket;
    this.#mayParse = mayParse;
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

  /** Drops the bytes that wait. */
  clear(): void {
    this.#slices.clear();
  }

  /** Gives the parser what it may get now. */
  read(): void {
    if (this.#hasPaused && this.#isReady()) {
      this.#hasPaused = false;
      this.#socket.resume();
    }
    while (this.#isReady() && !this.#socket.isPaused()) {
      const slice = this.#slices.take();
      if (slice === undefined) break;
      this.#parse(slice);
    }
    if (this.unreadBytes >= maxUnreadBytes && !this.#socket.isPaused()) {
      this.#hasPaused = true;
      this.#socket.pause();
    }
  }

  /** Node's parser must not get anything while the socket has to drain: it has paused itself then. */
  #isReady(): boolean {
    return !this.#socket.writableNeedDrain && this.#mayParse(this.#slices.isAtEnd);
  }
}
