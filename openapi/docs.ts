/**
 * Builds the docs: a self-contained page, the same as Markdown, and llms.txt; byte-identical for the same description.
 *
 *   npm run docs                            writes dist/docs/
 *   node openapi/docs.ts --if-stale         only when something there is older than what it is made from
 *   node openapi/docs.ts --output FOLDER    writes to FOLDER instead
 */
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { areDocsStale, buildDocs, docsFiles } from './docs/build.ts';
import { root } from './root.ts';

const { values } = parseArgs({
  options: { 'if-stale': { type: 'boolean' }, output: { type: 'string', default: join(root, 'dist/docs') } },
});
const output = resolve(values.output);
if (!values['if-stale'] || (await areDocsStale({ output }))) {
  await buildDocs({ output });
  const place = (file: string) => relative(process.cwd(), join(output, file));
  console.log(`The docs page is ${place(docsFiles.page)}, the same as Markdown ${place(docsFiles.markdown)}`);
}
