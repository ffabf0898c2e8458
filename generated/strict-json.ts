// Generated from openapi/ by `npm run generate`. Do not edit.

/** Strict JSON: what cannot be given back exactly as it came is refused (I-JSON, RFC 7493). */

export type StrictJson =
  | { readonly value: unknown }
  /** Not JSON at all. */
  | { readonly isMalformed: true }
  /** JSON that this API would have to change: reasons by dotted path. */
  | { readonly violations: Map<string, string[]> };

const maxPathParts = 8;
const maxViolations = 100;
const loneSurrogate = /\p{Surrogate}/u;

/** Digits and exponent of a decimal, without the zeros that do not count: `1.50e1` → `15`, `e0`. */
function normalise(decimal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(decimal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  if (digits === '') return '0';
  // Not /0+$/, which starts over at every zero: seconds for one long number.
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

/** Whether reading a JSON number as a double and writing it again gives the same number. */
function survivesDouble(token: string): boolean {
  const number = Number(token);
  return Number.isFinite(number) && normalise(String(number)) === normalise(token);
}

function faultOfText(text: string): string | undefined {
  if (text.includes('\u0000')) return 'must not contain U+0000';
  if (loneSurrogate.test(text)) return 'must not contain a lone surrogate';
  return undefined;
}

interface Level {
  /** The names seen so far; undefined for an array. */
  names?: Set<string>;
  /** The name or index that the scan is at. */
  at: string;
  index: number;
}

const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]|true|false|null/gs;

/**
 * Walks the tokens of valid JSON and collects what cannot be kept.
 * `maxDepth` counts objects and arrays around a value, the outermost included.
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
      levels.push({ names: first === '{' ? new Set() : undefined, at: first === '{' ? '' : '0', index: 0 });
      expectsName = first === '{';
    } else if (first === '}' || first === ']') {
      levels.pop();
      expectsName = false;
    } else if (first === ',') {
      expectsName = level?.names !== undefined;
      if (level && !level.names) level.at = String(++level.index);
    } else if (first === '"') {
      const isEscaped = part.includes('\\');
      const decoded = isEscaped ? (JSON.parse(part) as string) : part.slice(1, -1);
      const fault = faultOfText(decoded);
      if (expectsName && level?.names) {
        const isUnsafe = fault !== undefined || decoded === '__proto__';
        level.at = isUnsafe ? '' : decoded;
        if (fault) report(`has a name that ${fault}`);
        else if (isUnsafe) report('must not have a property named __proto__');
        else if (level.names.has(decoded)) report('must not be given twice');
        level.names.add(decoded);
        expectsName = false;
      } else if (fault) report(fault);
    } else if (first === '-' || (first !== undefined && first >= '0' && first <= '9')) {
      if (!survivesDouble(part)) report('must be a number that a double holds exactly');
    }
  }
  return violations;
}

/**
 * Reads strict JSON: no duplicate names, no `__proto__`, no U+0000, no lone surrogate, no number that a double cannot
 * hold exactly, at most `maxDepth` levels of objects and arrays.
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
