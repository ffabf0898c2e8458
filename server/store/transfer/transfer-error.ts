/** A backup or a move that was not made. The message says why and what to do, in sentences; it holds no password. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}
