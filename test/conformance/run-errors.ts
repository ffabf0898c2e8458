/** Errors that end a case or a run early, and are no findings. */

/** Error raised instead of sending a request after the run was aborted. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** Error raised by a case that cannot be tried. The message is the reason. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}
