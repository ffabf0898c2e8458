/** Checks the accessibility of a page with axe. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** Rules of axe that Redoc's own elements violate, with the reason. No setting of Redoc changes them. */
export const rulesOfRedoc: Readonly<Record<string, string>> = {
  'heading-order': 'the name of a response example is a heading of level 4 below one of level 2',
  'label-content-name-mismatch': 'the menu of examples is named Example and shows the name of the one that is selected',
  'landmark-main-is-top-level': 'the description of a property is a main element within the main of the page',
  'landmark-no-duplicate-main': 'the same',
  'landmark-unique': 'the same',
  region: 'the search, the logo and the buttons for colors and layout are in no landmark',
};

const source = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Returns the rules that a page violates, and the number of texts whose colors have contrast enough. */
export async function runAxe(page: Page): Promise<{ violations: string[]; colors: number }> {
  await page.evaluate(source);
  return page.evaluate(async () => {
    const options: RunOptions = { resultTypes: ['violations', 'passes'] };
    const { axe } = window as Window as Window & { axe: { run(of: Node, how: RunOptions): Promise<AxeResults> } };
    const { violations, passes } = await axe.run(document, options);
    const colors = passes.find(({ id }) => id === 'color-contrast')?.nodes.length ?? 0;
    return { violations: violations.map(({ id }) => id), colors };
  });
}
