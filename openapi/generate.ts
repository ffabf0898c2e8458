/**
 * Lints the description and generates all files of generated/ from its bundle.
 *
 *   npm run generate                    writes generated/, once the new files compile
 *   node openapi/generate.ts --check    writes nothing, exits with 1 when generated/ has drifted
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { join, resolve } from 'node:path';

import { type Bundle, completeBundle, inlineSuccesses } from './generate/bundle.ts';
import { banner, renderFiles } from './generate/render.ts';
import { checkTypes } from './generate/type-check.ts';

import { runRedoclyInThread } from './redocly.ts';

const root = resolve(import.meta.dirname, '..');
const outputFolder = join(root, 'generated');
const description = 'openapi/openapi.yaml';

/** Rejects when the rule on what the generators carry is switched off. */
async function checkRules(): Promise<void> {
  if (!/^ +contract\/carried: error$/m.test(await readFile('redocly.yaml', 'utf8'))) {
    throw new Error(
      'redocly.yaml has no rule `contract/carried: error`. Switch it on: what it refuses would be dropped without a word.',
    );
  }
  const ignored = await readFile('.redocly.lint-ignore.yaml', 'utf8').catch(() => '');
  if (ignored.includes('contract/carried')) {
    throw new Error(
      '.redocly.lint-ignore.yaml ignores `contract/carried`. Remove it there: what it refuses would be dropped.',
    );
  }
}

/** Rejects with the report of the linter when the description or a workflow breaks a rule. */
async function lint(): Promise<void> {
  await runRedoclyInThread('lint', '--max-problems=1000', description, 'openapi/workflows/*.arazzo.yaml');
}

async function readBundle(): Promise<Bundle> {
  const bundle = await runRedoclyInThread('bundle', description, '--ext=json');
  return { 'x-generated': banner, ...inlineSuccesses(completeBundle(JSON.parse(bundle))) };
}

/**
 * Lints the description and renders the files at the same time. Rejects with the error of the linter when both fail,
 * because it names the cause.
 */
async function renderLinted(): Promise<Map<string, string>> {
  const [linted, rendered] = await Promise.allSettled([lint(), readBundle().then(renderFiles)]);
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
  await checkRules();
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
  if (stale.length > 0) await checkTypes(files);
  await mkdir(outputFolder, { recursive: true });
  for (const name of stale) await writeFile(join(outputFolder, name), files.get(name) ?? '');
  for (const name of stray) await rm(join(outputFolder, name), { recursive: true });
  console.log(stale.length > 0 ? `generated/ written: ${stale.join(', ')}` : 'generated/ is up to date');
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
