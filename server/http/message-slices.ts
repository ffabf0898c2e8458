/** The end of every head, and of every chunked body (RFC 9112, sections 2.1 and 7.1). */
const headEnd = Buffer.from('\r\n\r\n');
const noBytes = Buffer.alloc(0);

/**
 * Cuts the bytes of a connection into slices that end where a message ends, so that a parser gets one message at a time.
 * It cuts behind every head and behind a body of known length. The parser alone decides what the bytes mean.
 */
export class MessageSlices {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #bodyBytesLeft = 0;
  /** The last bytes of the latest slice, which the end of a head may begin with. */
  #tail: Buffer = noBytes;
  #isAtEnd = false;

  /** The number of bytes that no slice has taken yet. */
  get length(): number {
    return this.#length;
  }

  /** Whether the latest slice ended with a head or with a body. False before the first slice. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Sets the length of the body that begins behind the latest slice. 0 where there is none, or it is unknown. */
  expectBody(bytes: number): void {
    this.#bodyBytesLeft = bytes;
  }

  /** Removes the next slice and returns it. It is empty when there are no bytes. */
  take(): Buffer {
    const chunk = this.#chunks.shift() ?? noBytes;
    const end = this.#bodyBytesLeft > 0 ? this.#cutBody(chunk) : this.#cutHead(chunk);
    if (end < chunk.length) this.#chunks.unshift(chunk.subarray(end));
    this.#length -= end;
    return chunk.subarray(0, end);
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#length = 0;
  }

  #cutBody({ length }: Buffer): number {
    const end = Math.min(length, this.#bodyBytesLeft);
    this.#bodyBytesLeft -= end;
    this.#isAtEnd = this.#bodyBytesLeft === 0;
    return end;
  }

  #cutHead(chunk: Buffer): number {
    const seam = Buffer.concat([this.#tail, chunk.subarray(0, headEnd.length - 1)]);
    const [inSeam, inChunk] = [seam.indexOf(headEnd), chunk.indexOf(headEnd)];
    this.#isAtEnd = inSeam >= 0 || inChunk >= 0;
    if (!this.#isAtEnd) {
      this.#tail = Buffer.concat([this.#tail, chunk.subarray(1 - headEnd.length)]).subarray(1 - headEnd.length);
      return chunk.length;
    }
    const start = inSeam >= 0 ? inSeam - this.#tail.length : inChunk;
    this.#tail = noBytes;
    return start + headEnd.length;
  }
}
