import { parseStrictJson, type StrictJson } from '../../generated/strict-json.ts';

/** Whether a value has at most `levels` levels of objects and arrays. */
function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isWithin(item, levels - 1));
}

/**
 * Whether a text is plainly strict: it is the JSON that its value formats to, so that it has no duplicate name and no number
 * that a double cannot hold. Most clients send such texts, and this costs a fifth of looking at every token.
 */
const isPlain = (text: string, value: unknown, maxDepth: number): boolean =>
  !text.includes('\\') && !text.includes('"__proto__"') && isWithin(value, maxDepth) && JSON.stringify(value) === text;

/** Parses strict JSON, as `parseStrictJson` does. It is here because validators in browsers have to be small. */
export function parseJson(text: string, maxDepth: number): StrictJson {
  try {
    const value: unknown = JSON.parse(text);
    if (isPlain(text, value, maxDepth)) return { value };
  } catch {
    return { isMalformed: true };
  }
  return parseStrictJson(text, maxDepth);
}
