/** Strict JSON: rejects JSON that cannot be stored and returned without a change (I-JSON, RFC 7493). */

/** A parsed value, or the reason why there is none. */
export type StrictJson =
  | { readonly value: unknown }
  /** The text is not JSON. */
  | { readonly isMalformed: true }
  /** The text is JSON that cannot be stored without a change. The reasons have dotted paths as keys. */
  | { readonly violations: Map<string, string[]> };

/** The number of names in a reported path; longer paths are cut off. */
const maxPathParts = 8;
/** The number of paths that are reported at most. */
const maxViolations = 100;
const loneSurrogate = /\p{Surrogate}/u;

/** Returns a decimal with its significant digits and an exponent: `1.50e1` → `15e0`. */
function normalise(decimal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(decimal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  if (digits === '') return '0';
  // The regular expression /0+$/ takes quadratic time: seconds for one long number.
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

/** Whether a double holds a JSON number exactly: parsing and formatting it gives the same number. */
function isExactDouble(token: string): boolean {
  const number = Number(token);
  return Number.isFinite(number) && normalise(String(number)) === normalise(token);
}

/** Returns why a string cannot be stored, or undefined when it can. */
function findTextViolation(text: string): string | undefined {
  if (text.includes('\u0000')) return 'must not contain U+0000';
  if (loneSurrogate.test(text)) return 'must not contain a lone surrogate';
  return undefined;
}

/** An object or an array that contains the current token. */
interface Level {
  /** The names that the object has so far; undefined for an array. */
  names?: Set<string>;
  /** The current name or index, as a part of the path. */
  at: string;
  /** The index of the current item of an array. */
  index: number;
}

/** Decodes the token of a string. */
const decode = (token: string): string => (token.includes('\\') ? JSON.parse(token) : token.slice(1, -1));

/** Makes `name` the current property of an object. Returns why it is not allowed, or undefined when it is. */
function enterProperty(level: Level, name: string): string | undefined {
  const violation = findTextViolation(name);
  const isUnsafe = violation !== undefined || name === '__proto__';
  const isDuplicate = level.names?.has(name);
  level.names?.add(name);
  // A path must not contain an unsafe name.
  level.at = isUnsafe ? '' : name;
  if (violation) return `has a name that ${violation}`;
  if (isUnsafe) return 'must not have a property named __proto__';
  return isDuplicate ? 'must not be given twice' : undefined;
}

const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]|true|false|null/gs;

/**
 * Returns the reasons, by dotted path, why valid JSON cannot be stored without a change. `maxDepth` counts the objects
 * and arrays around a value, including the outermost one.
 */
function findViolations(text: string, maxDepth: number): Map<string, string[]> {
  const violations = new Map<string, string[]>();
  const levels: Level[] = [];
  const report = (reason: string) => {
    const parts = levels.map((level) => level.at).filter((part) => part !== '');
    const path = parts.slice(0, maxPathParts).join('.') || 'body';
    const reasons = violations.get(path) ?? [];
    if (!reasons.includes(reason)) violations.set(path, [...reasons, reason]);
  };
  let expectsName = false;
  for (const [part] of text.matchAll(token)) {
    if (violations.size >= maxViolations) return violations;
    const level = levels.at(-1);
    const first = part[0];
    if (first === '{' || first === '[') {
      if (levels.length >= maxDepth) {
        levels.length = Math.min(levels.length, 1);
        report(`must not nest deeper than ${maxDepth - 1} levels`);
        return violations;
      }
      levels.push({ names: first === '{' ? new Set() : undefined, at: '0', index: 0 });
      expectsName = first === '{';
    } else if (first === '}' || first === ']') {
      levels.pop();
    } else if (first === ',') {
      expectsName = level?.names !== undefined;
      if (level && !level.names) level.at = String(++level.index);
    } else if (first === '"') {
      const decoded = decode(part);
      const violation = expectsName && level ? enterProperty(level, decoded) : findTextViolation(decoded);
      if (violation) report(violation);
      expectsName = false;
    } else if (part < ':' && !isExactDouble(part)) {
      // Of the tokens that are left, only numbers sort before the colon.
      report('must be a number that a double holds exactly');
    }
  }
  return violations;
}

/**
 * Parses strict JSON. Duplicate names, `__proto__`, U+0000, lone surrogates, numbers that a double cannot hold exactly
 * and more than `maxDepth` levels of objects and arrays are violations. At most 100 paths with violations are returned.
 *
 * @example parseStrictJson('{"a":1,"a":2}', 33) // { violations: Map { 'a' => ['must not be given twice'] } }
 * @see https://www.rfc-editor.org/rfc/rfc7493
 */
export function parseStrictJson(text: string, maxDepth: number): StrictJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { isMalformed: true };
  }
  const violations = findViolations(text, maxDepth);
  return violations.size > 0 ? { violations } : { value };
}
