import { constants, fstatSync, openSync, writeSync, write as writeToFile } from 'node:fs';
import { isatty } from 'node:tty';

/** Standard output or standard error, as text that never blocks the event loop and never throws. */
export interface Output {
  /** Adds text, whole lines with their line ends. Text over the bound of the buffer (1 MiB) is dropped and counted. */
  write(text: string): void;
  /** Resolves once everything is written, at the latest after so many milliseconds. */
  flush(milliseconds: number): Promise<void>;
}

/** A destination of bytes, which takes one write at a time. */
export interface Sink {
  /** The size of a write in bytes, unless a single line is longer. */
  readonly writeBytes: number;
  /** Writes without blocking. `done` gets the error, or the number of bytes written. */
  write(bytes: Buffer, done: (error: Error | null | undefined, written: number) => void): void;
  /** Writes what can be written at once, while the process exits. May throw. */
  writeLast(bytes: Buffer): void;
}

/** The bound of the buffer of one output: about 4,000 lines of requests. */
export const bufferBytes = 1_048_576;
/** The pause after a failed write. There is no event for a full disk that has room again. */
const retryMilliseconds = 50;
/** The largest write to a pipe that Linux does as a whole or not at all (pipe(7), PIPE_BUF). */
const pipeBytes = 4_096;
const fileBytes = 65_536;

/** Renders the line about lost lines, in the format of pino. Its level is `warn`, and LOG_LEVEL does not filter it. */
const renderLoss = (lost: number): string =>
  `${JSON.stringify({ level: 40, time: new Date().toISOString(), lost, msg: 'log lines lost' })}\n`;

/**
 * Buffers lines up to a bound, and writes them in order. A failed write is retried for as long as the process runs. Once
 * the buffer is full, lines are dropped until half of it is written; then one line tells how many were lost, where
 * they would have been.
 */
export class LineBuffer implements Output {
  readonly #sink: Sink;
  readonly #lines: Buffer[] = [];
  /** The lines of the present write, as far as they are not written yet. */
  #chunk: Buffer = Buffer.alloc(0);
  #unwrittenBytes = 0;
  #lost = 0;
  #state: 'idle' | 'writing' | 'pausing' = 'idle';
  #onWritten = () => {};

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  write(text: string): void {
    const line = Buffer.from(text);
    if (this.#lost === 0 && this.#unwrittenBytes + line.length <= bufferBytes) this.#add(line);
    else this.#lost += 1;
    this.#tellLoss();
    this.#writeNext();
  }

  flush(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#unwrittenBytes === 0) return resolve();
      const deadline = setTimeout(resolve, milliseconds);
      this.#onWritten = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  }

  /** Writes what can be written at once, while the process exits. May throw. */
  writeLast(): void {
    if (this.#unwrittenBytes === 0) return;
    if (this.#lost > 0) this.#add(Buffer.from(renderLoss(this.#lost)));
    this.#sink.writeLast(Buffer.concat(this.#state === 'writing' ? this.#lines : [this.#chunk, ...this.#lines]));
  }

  #add(line: Buffer): void {
    this.#lines.push(line);
    this.#unwrittenBytes += line.length;
  }

  /** Adds the line about lost lines once half of the buffer is free. */
  #tellLoss(): void {
    if (this.#lost === 0 || this.#unwrittenBytes > bufferBytes / 2) return;
    this.#add(Buffer.from(renderLoss(this.#lost)));
    this.#lost = 0;
  }

  #writeNext(): void {
    if (this.#state !== 'idle' || this.#unwrittenBytes === 0) return;
    if (this.#chunk.length === 0) this.#chunk = this.#takeChunk();
    this.#state = 'writing';
    this.#sink.write(this.#chunk, (error, written) => {
      if (error || written === 0) return this.#pause();
      this.#state = 'idle';
      this.#chunk = this.#chunk.subarray(written);
      this.#unwrittenBytes -= written;
      this.#tellLoss();
      if (this.#unwrittenBytes === 0) this.#onWritten();
      this.#writeNext();
    });
  }

  #takeChunk(): Buffer {
    let [count, length] = [0, 0];
    for (const line of this.#lines) {
      if (count > 0 && length + line.length > this.#sink.writeBytes) break;
      count += 1;
      length += line.length;
    }
    return Buffer.concat(this.#lines.splice(0, count), length);
  }

  #pause(): void {
    this.#state = 'pausing';
    const resume = () => {
      this.#state = 'idle';
      this.#writeNext();
    };
    // A process that has nothing else to do ends, with the lines that cannot be written.
    setTimeout(resume, retryMilliseconds).unref();
  }
}

/** Makes a sink of a file descriptor whose writes, in a thread of Node, end by themselves. */
const fileSink = (fd: number, writeBytes: number): Sink => ({
  writeBytes,
  write: (bytes, done) => writeToFile(fd, bytes, done),
  writeLast: (bytes) => void writeSync(fd, bytes),
});

/** Makes a sink of a standard stream that is a socket or a pipe: Node writes these without blocking on Linux and macOS. */
const streamSink = (stream: NodeJS.WriteStream): Sink => ({
  writeBytes: pipeBytes,
  write: (bytes, done) => stream.write(bytes, (error) => done(error, bytes.length)),
  writeLast: (bytes) => void stream.write(bytes),
});

/**
 * Opens a pipe or a terminal once more, for writes that do not block. The new descriptor shares no flags with other
 * processes, which could make it blocking. Returns undefined where the system has no such files, or denies access.
 */
function reopen(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/**
 * Finds the way to write that blocks neither the event loop nor the exit. `fs.write` to a full pipe or a stopped terminal
 * blocks a thread that the exit waits for, unless the descriptor is non-blocking. `process.stderr` writes synchronously to
 * a file or a terminal. Where a terminal cannot be reopened, the exit waits while it is stopped.
 */
function openSink(fd: 1 | 2, stream: NodeJS.WriteStream): Sink {
  const [isPipe, isSocket] = readKind(fd);
  if (isPipe || isatty(fd)) {
    const ownFd = reopen(fd);
    if (ownFd !== undefined) return fileSink(ownFd, pipeBytes);
  }
  return isPipe || isSocket ? streamSink(stream) : fileSink(fd, fileBytes);
}

/** Reads whether a file descriptor is a pipe, and whether it is a socket. */
function readKind(fd: number): [isPipe: boolean, isSocket: boolean] {
  try {
    const stats = fstatSync(fd);
    return [stats.isFIFO(), stats.isSocket()];
  } catch {
    // It is closed.
    return [false, false];
  }
}

const outputs = new Map<1 | 2, Output>();

/**
 * Opens standard output (1) or standard error (2), once per process. Writes to it survive a full disk, a full or closed
 * pipe, a reader that stands still and a terminal that was stopped; they neither end the process nor delay its end.
 *
 * pino's own destination cannot do that, whatever its options (sonic-boom 4.2): after EPIPE it drops all later lines and
 * counts none, on ENOSPC its exit hook retries for ever, and its asynchronous write to a full pipe keeps the process from
 * exiting.
 *
 * At the exit of the process, what is left is written as far as that succeeds at once. A file on a network disk that no
 * longer responds is the one case where the exit waits: the system does not let go of the write.
 */
export function openOutput(fd: 1 | 2): Output {
  const open = outputs.get(fd);
  if (open) return open;
  const stream = fd === 1 ? process.stdout : process.stderr;
  // Without a listener, a failed write of a library to this stream would be an uncaught exception.
  stream.on('error', () => {});
  const output = new LineBuffer(openSink(fd, stream));
  process.once('exit', () => {
    try {
      output.writeLast();
    } catch {
      // There is no other place for the last lines.
    }
  });
  outputs.set(fd, output);
  return output;
}
