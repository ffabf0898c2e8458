/** Comparisons whose failures name the method of the store. */
import { isDeepStrictEqual } from 'node:util';

/**
 * A broken promise of a store. Its message names the method, what the contract promises, and what the store did.
 *
 * @example
 * const failed = new StoreFailure('findApp: expected a rejection');
 * console.log(failed.name); // StoreFailure
 */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
}

const longest = 500;

/** Returns a value as plain JSON: fields that are undefined are left out, and a map is a list of its entries. */
function toPlain(value: unknown): unknown {
  const text = JSON.stringify(value, (_name, item: unknown) => (item instanceof Map ? [...item].sort() : item));
  return text === undefined ? undefined : JSON.parse(text);
}

/** Returns a value as text of bounded length. */
function show(value: unknown): string {
  const text = JSON.stringify(toPlain(value)) ?? 'undefined';
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Leaves out of two objects the fields that are the same in both. */
function differing(one: unknown, other: unknown): unknown[] {
  if (!isObject(one) || !isObject(other)) return [one, other];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const differ = [...names].filter((name) => !isDeepStrictEqual(one[name], other[name]));
  return [one, other].map((object) => Object.fromEntries(differ.map((name) => [name, object[name]])));
}

/** Throws unless two values are equal as JSON. */
export function expectEqual(method: string, actual: unknown, expected: unknown): void {
  const [right, found] = [toPlain(expected), toPlain(actual)];
  if (isDeepStrictEqual(found, right)) return;
  const [wanted, received] = differing(right, found);
  throw new StoreFailure(`${method}: expected ${show(wanted)}, received ${show(received)}`);
}

/** Throws unless a condition of the contract is met. */
export function expectThat(method: string, isMet: boolean, promise: string): void {
  if (!isMet) throw new StoreFailure(`${method}: ${promise}`);
}

/** Throws unless a call rejects. Returns its error. */
export async function expectRejection(method: string, call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new StoreFailure(`${method}: expected a rejection`);
}
