/**
 * Lints the description and generates all files of generated/ from its bundle.
 *
 *   npm run generate                    writes generated/
 *   node openapi/generate.ts --check    writes nothing, exits with 1 when generated/ has drifted
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { type Bundle, inlineSuccesses } from './generate/bundle.ts';
import { renderClient } from './generate/client.ts';
import { toOpenApi30 } from './generate/openapi-3.0.ts';
import { renderOperations } from './generate/operations.ts';
import { renderResponses } from './generate/responses.ts';
import { readRuntime, renderSchemaChecks, renderValidators } from './generate/validators.ts';
import { renderLists, renderValues } from './generate/values.ts';
import { runRedoclyInThread } from './redocly.ts';

const banner = 'Generated from openapi/ by `npm run generate`. Do not edit.';
const root = resolve(import.meta.dirname, '..');
const outputFolder = join(root, 'generated');
const description = 'openapi/openapi.yaml';

/** Rejects with the report of the linter when the description or a workflow breaks a rule. */
async function lint(): Promise<void> {
  await runRedoclyInThread('lint', '--max-problems=1000', description, 'openapi/workflows/*.arazzo.yaml');
}

async function readBundle(): Promise<Bundle> {
  const bundle = await runRedoclyInThread('bundle', description, '--ext=json');
  return { 'x-generated': banner, ...inlineSuccesses(JSON.parse(bundle)) };
}

/** Imports the generator of types. It brings the TypeScript compiler, which loads while Redocly runs. */
const loadTypesGenerator = () => import('./generate/types.ts');

/** Returns the content of every generated file, by file name. The same description gives the same bytes. */
async function render(): Promise<Map<string, string>> {
  const [bundle, { renderTypes }] = await Promise.all([readBundle(), loadTypesGenerator()]);
  const code = (text: string) => `// ${banner}\n\n${text.trim()}\n`;
  return new Map([
    ['openapi.json', `${JSON.stringify(bundle, null, 2)}\n`],
    ['openapi-3.0.json', `${JSON.stringify(toOpenApi30(bundle), null, 2)}\n`],
    ['types.ts', code(await renderTypes(bundle))],
    ['operations.ts', code(renderOperations(bundle))],
    ['lists.ts', code(renderLists(bundle))],
    ['values.ts', code(renderValues(bundle))],
    ['client.ts', code(renderClient(bundle))],
    ['responses.ts', code(renderResponses(bundle))],
    ['schema-checks.ts', code(await renderSchemaChecks(bundle))],
    ['validators.ts', code(renderValidators(bundle))],
    ['validation.ts', code(await readRuntime('validation.ts'))],
    ['requests.ts', code(await readRuntime('requests.ts'))],
    ['strict-json.ts', code(await readRuntime('strict-json.ts'))],
  ]);
}

/**
 * Lints the description and renders the files at the same time. Rejects with the error of the linter when both fail,
 * because it names the cause.
 */
async function renderLinted(): Promise<Map<string, string>> {
  const [linted, rendered] = await Promise.allSettled([lint(), render()]);
  if (linted.status === 'rejected') throw linted.reason;
  if (rendered.status === 'rejected') throw rendered.reason;
  return rendered.value;
}

/** Returns the names of the files that are missing or differ from what is generated. */
async function listStaleFiles(files: Map<string, string>): Promise<string[]> {
  const isStale = async ([name, content]: [string, string]) =>
    (await readFile(join(outputFolder, name), 'utf8').catch(() => undefined)) !== content;
  const results = await Promise.all([...files].map(isStale));
  return [...files.keys()].filter((_, index) => results[index]);
}

/** Returns the names of the files in generated/ that are not generated. */
async function listStrayFiles(files: Map<string, string>): Promise<string[]> {
  return (await readdir(outputFolder).catch(() => [])).filter((name) => !files.has(name));
}

async function main(): Promise<void> {
  process.chdir(root);
  enableCompileCache('node_modules/.cache/compile');
  const files = await renderLinted();
  const [stale, stray] = await Promise.all([listStaleFiles(files), listStrayFiles(files)]);
  if (process.argv.includes('--check')) {
    const drifted = [...stale, ...stray];
    if (drifted.length > 0) {
      throw new Error(
        `generated/ has drifted (${drifted.join(', ')}). Run \`npm run generate\` and commit the result.`,
      );
    }
    return;
  }
  await mkdir(outputFolder, { recursive: true });
  for (const name of stale) await writeFile(join(outputFolder, name), files.get(name) ?? '');
  for (const name of stray) await rm(join(outputFolder, name), { recursive: true });
  console.log(stale.length > 0 ? `generated/ written: ${stale.join(', ')}` : 'generated/ is up to date');
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
