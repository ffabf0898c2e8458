import { type Bundle, deref, type Parameter } from '../../openapi/generate/bundle.ts';
import type { Contract, Operation } from './contract.ts';

/** Statements of the description: JSON pointers to them, and their sentences. */

const escapePart = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** Returns the JSON pointer of these names. */
export const pointerOf = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => `/${escapePart(String(part))}`).join('');

/** Returns the JSON pointer to what the description says of a parameter. */
export function parameterPointer({ bundle }: Pick<Contract, 'bundle'>, operation: Operation, name: string): string {
  const { parameters = [] } = (bundle.paths[operation.path]?.[operation.method] ?? {}) as { parameters?: Parameter[] };
  const index = parameters.findIndex((node) => deref<Parameter>(bundle, node).name === name);
  return `${operation.pointer}/parameters${index < 0 ? '' : `/${index}/description`}`;
}

/** Returns the JSON pointer to a documented response of an operation. */
export const responsePointer = ({ pointer }: Pick<Operation, 'pointer'>, status: number | string) =>
  `${pointer}${pointerOf('responses', status)}`;

/** Place of what the description says about every operation, in a paragraph that begins with its topic. */
export const generalPointer = '/info/description';

/** Returns a pointer with its references followed, up to the last part that exists. */
export function followPointer(bundle: Bundle, pointer: string): string {
  let [node, at]: [unknown, string] = [bundle, ''];
  for (const part of pointer.split('/').slice(1)) {
    const target = (node as { $ref?: string }).$ref;
    if (target !== undefined) at = target.slice(1);
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const next: unknown = (deref(bundle, node as object) as Record<string, unknown>)[name];
    if (typeof node !== 'object' || next === undefined) return at;
    [node, at] = [next, `${at}/${part}`];
  }
  return at;
}

/** Returns the paragraph of a text that begins with a topic, in one line; the whole text without a topic. */
function findParagraph(text: string, topic?: string): string {
  const paragraph = topic === undefined ? text : text.split('\n\n').find((each) => each.startsWith(`**${topic}`));
  return (paragraph ?? text).replaceAll('**', '').replaceAll(/\s+/g, ' ').trim();
}

/** Returns the first sentence of the nearest description on the way to a pointer. */
export function findSentence(bundle: Bundle, pointer: string, topic?: string): string {
  let [node, text]: [unknown, string] = [bundle, ''];
  for (const part of pointer.split('/').slice(1)) {
    const next: unknown = (node as Record<string, unknown> | undefined)?.[
      part.replaceAll('~1', '/').replaceAll('~0', '~')
    ];
    if (typeof next !== 'object' || next === null)
      return typeof next === 'string' && part === 'description' ? findParagraph(next, topic) : text;
    node = deref(bundle, next);
    const { description } = node as { description?: unknown };
    if (typeof description === 'string') text = description;
  }
  return (/^[\s\S]*?[.](?=\s|$)/.exec(text.trim())?.[0] ?? text.trim()).replaceAll(/\s+/g, ' ');
}
