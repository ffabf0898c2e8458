import { join } from 'node:path';
import { measured } from './operations.ts';
import { measure } from './rounds.ts';
import type { Section } from './section.ts';
import { type Kind, startTarget } from './target.ts';

/** Without enforcement first: the others are compared to it. */
const kinds: readonly Kind[] = ['off', 'on', 'plain'];

/** The server with its enforcement, without, and with the validator as it comes, on SQLite. */
export const enforcement: Section = async ({ folder, rounds, say }) => {
  await using stack = new AsyncDisposableStack();
  const targets = [];
  for (const kind of kinds) {
    targets.push(stack.use(await startTarget(kind, `sqlite:${join(folder, `${kind}.db`)}`, folder)));
  }
  return await measure(targets, measured, rounds, say);
};
