import type { Bundle } from './bundle.ts';
import { renderClient } from './client.ts';
import { renderComposed } from './composed.ts';
import { toOpenApi30 } from './openapi-3.0.ts';
import { renderOperations } from './operations.ts';
import { renderQueries } from './queries.ts';
import { renderResponses } from './responses.ts';
import { readRuntime, renderSchemaChecks, renderValidators } from './validators.ts';
import { renderLists, renderValues } from './values.ts';

/** The first line of every generated file. */
export const banner = 'Generated from openapi/ by `npm run generate`. Do not edit.';

/** Files of openapi/runtime/, which are copied. */
const runtime = ['requests.ts', 'validation.ts', 'strict-json.ts'];

/** Returns the content of every generated file, by file name. The same description gives the same bytes. */
export async function renderFiles(bundle: Bundle): Promise<Map<string, string>> {
  // It brings the TypeScript compiler, which takes long to load.
  const { renderTypes } = await import('./types.ts');
  const code = (text: string) => `// ${banner}\n\n${text.trim()}\n`;
  const copies = runtime.map(async (name) => [name, code(await readRuntime(name))] as const);
  return new Map([
    ['openapi.json', `${JSON.stringify(bundle, null, 2)}\n`],
    ['openapi-3.0.json', `${JSON.stringify(toOpenApi30(bundle), null, 2)}\n`],
    ['types.ts', code(await renderTypes(bundle))],
    ['operations.ts', code(renderOperations(bundle))],
    ['lists.ts', code(renderLists(bundle))],
    ['values.ts', code(renderValues(bundle))],
    ['client.ts', code(renderClient(bundle))],
    ['composed.ts', code(renderComposed(bundle))],
    ['responses.ts', code(renderResponses(bundle))],
    ['schema-checks.ts', code(await renderSchemaChecks(bundle))],
    ['validators.ts', code(renderValidators(bundle))],
    ['queries.ts', code(renderQueries(bundle))],
    ...(await Promise.all(copies)),
  ]);
}
