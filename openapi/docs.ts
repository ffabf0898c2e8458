/**
 * Builds the docs: a self-contained page, the references of the HTTP and the TypeScript API as Markdown, and llms.txt.
 *
 *   npm run docs                            writes dist/docs/
 *   node openapi/docs.ts --if-stale         writes only when a file is missing or older than its sources
 *   node openapi/docs.ts --output FOLDER    writes to FOLDER instead of dist/docs/
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
  const pathOf = (file: string) => relative(process.cwd(), join(output, file));
  console.log(
    `The docs page is ${pathOf(docsFiles.page)}, the reference as Markdown is ${pathOf(docsFiles.markdown)}.`,
  );
}
