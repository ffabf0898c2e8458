/** What may be said of an error that nobody foresaw: messages and other properties may quote data, so they stay out. */
export interface ErrorFacts {
  readonly name?: string;
  /** Such as `ECONNRESET`, or the SQLSTATE of PostgreSQL. */
  readonly code?: string;
  /** Places in the code, innermost first. */
  readonly at?: readonly string[];
}

const plainCode = /^\w{1,40}$/;
const frame = /^ {4}at .*:\d+:\d+\)?$/;

/** The frames of a stack, without the message in front of them, whatever lines that has. */
function framesOf(stack: string, message: string): string[] {
  const behind = stack.indexOf(message) + message.length;
  return stack
    .slice(behind)
    .split('\n')
    .filter((line) => frame.test(line));
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Reduces an error, or whatever was thrown, to what may be said of it. */
export function describeError(error: unknown): ErrorFacts {
  const { name, code, stack, message } = (error ?? {}) as Record<string, unknown>;
  const [plainName, plain] = [textOf(name), textOf(code)];
  return {
    ...(plainName !== undefined && plainCode.test(plainName) && { name: plainName }),
    ...(plain !== undefined && plainCode.test(plain) && { code: plain }),
    ...(typeof stack === 'string' && { at: framesOf(stack, textOf(message) ?? '') }),
  };
}
