import type { Page } from 'playwright-core';
import {
  type Bundle,
  deref,
  listOperations,
  type ResolvedOperation,
  type Schema,
} from '../../openapi/generate/bundle.ts';
import { description } from '../helpers/server.ts';

type Statement = { 'x-provenance': string };

/** The bundle of the page. */
export const bundle: Bundle = JSON.parse(description);

/** The operations of the bundle with their provenance. */
export const operations = listOperations(bundle) as (ResolvedOperation & Statement)[];

/** Returns the section of an operation on the page. */
export function getSection(page: Page, { operationId }: ResolvedOperation) {
  return page.locator(`[data-section-id$="/${operationId.toLowerCase()}"]`);
}

/** Selects the language of all samples on the page. */
export async function chooseLanguage(page: Page, label: string): Promise<void> {
  const [operation] = operations;
  const panel = getSection(page, operation as ResolvedOperation).locator('.panel-request-samples');
  const menu = panel.getByTestId('dropdown').nth(1);
  await panel.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await menu.getByRole('button').first().click();
  await page.getByRole('menuitem', { name: label, exact: true }).click();
  await menu.getByRole('button', { name: label, exact: true }).waitFor();
}

/** Reads the shown sample of an operation. */
export async function readSample(page: Page, operation: ResolvedOperation): Promise<string> {
  const panel = getSection(page, operation).locator('.panel-request-samples');
  return (await panel.getByTestId('source-code').textContent()) ?? '';
}

/** Reads the shown provenance of an operation's parameters, headers and properties, as `name, provenance: …`; `name, ` where it is documented. */
export async function readStatements(page: Page, operation: ResolvedOperation): Promise<string[]> {
  const items = getSection(page, operation).locator('.schema-property-item');
  return items.evaluateAll((elements) =>
    elements.map((element) => {
      const parts = ['.schema-name', ':scope > main'].map((part) => element.querySelector(part)?.textContent ?? '');
      return parts.join(', ').replace(/\s+/g, ' ');
    }),
  );
}

/** Lists the provenance that the page shows without unfolding anything, as `name, provenance: …`; `name, ` where it is documented. */
export function listShownStatements({ parameters, requestBody, responses }: ResolvedOperation): string[] {
  const success = responses[200];
  const bodies = [requestBody, success].flatMap((message) => Object.values(message?.content ?? {}));
  const named = [
    ...parameters.map((parameter) => [parameter.name, parameter]),
    ...Object.entries(success?.headers ?? {}).map(([name, header]) => [name, deref(bundle, header as object)]),
    ...bodies.flatMap(({ schema }) => Object.entries(deref<Schema>(bundle, schema).properties as object)),
  ] as [string, Statement][];
  const mark = ({ 'x-provenance': grade }: Statement) => (grade === 'documented' ? '' : `provenance: ${grade}`);
  return named.map(([name, statement]) => `${name}, ${mark(statement)}`);
}
