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

/** The bundle whose page it is. */
export const bundle: Bundle = JSON.parse(description);

/** Its operations, each with its provenance. */
export const operations = listOperations(bundle) as (ResolvedOperation & Statement)[];

/** The part of the page that is about one operation. */
export function sectionOf(page: Page, { operationId }: ResolvedOperation) {
  return page.locator(`[data-section-id$="/${operationId.toLowerCase()}"]`);
}

/** Chooses the language that the page shows all samples in. */
export async function chooseLanguage(page: Page, label: string): Promise<void> {
  const [operation] = operations;
  const panel = sectionOf(page, operation as ResolvedOperation).locator('.panel-request-samples');
  const menu = panel.getByTestId('dropdown').nth(1);
  await panel.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await menu.getByRole('button').first().click();
  await page.getByRole('menuitem', { name: label, exact: true }).click();
  await menu.getByRole('button', { name: label, exact: true }).waitFor();
}

/** The sample that the page shows for an operation. */
export async function readSample(page: Page, operation: ResolvedOperation): Promise<string> {
  const panel = sectionOf(page, operation).locator('.panel-request-samples');
  return (await panel.getByTestId('source-code').textContent()) ?? '';
}

/** What the page says of an operation's parameters, headers and properties: `name, provenance: …` for each. */
export async function readStatements(page: Page, operation: ResolvedOperation): Promise<string[]> {
  const items = sectionOf(page, operation).locator('.schema-property-item');
  return items.evaluateAll((elements) =>
    elements.map((element) => {
      const parts = ['.schema-name', ':scope > main'].map((part) => element.querySelector(part)?.textContent ?? '');
      return parts.join(', ').replace(/\s+/g, ' ');
    }),
  );
}

/** What the description says of them, as far as the page shows it before its reader asks for more. */
export function listShownStatements({ parameters, requestBody, responses }: ResolvedOperation): string[] {
  const success = responses[200];
  const bodies = [requestBody, success].flatMap((message) => Object.values(message?.content ?? {}));
  const named = [
    ...parameters.map((parameter) => [parameter.name, parameter]),
    ...Object.entries(success?.headers ?? {}).map(([name, header]) => [name, deref(bundle, header as object)]),
    ...bodies.flatMap(({ schema }) => Object.entries(deref<Schema>(bundle, schema).properties as object)),
  ] as [string, Statement][];
  return named.map(([name, statement]) => `${name}, provenance: ${statement['x-provenance']}`);
}
