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
