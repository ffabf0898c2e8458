/**
 * Builds what is published, in dist/package/: JavaScript, declarations, the bundle as JSON and YAML. `npm pack` runs it.
 *
 * All of it is minified, and declarations are kept as far as an entry needs them: installing this is to cost little.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { Document, visit } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'dist/package');

/** Entries that programs of callers import, in browsers and workers too. */
const libraries = ['client/index', 'client/msw', 'generated/types', 'generated/validators'];
/** Entries for Node. */
const programs = ['server/index', 'test/conformance/index', 'test/conformance/node-test', 'test/conformance/vitest'];
/** Nobody imports a command. */
const commands = ['openapi/docs', 'server/cli'];

/** A file, and those that it imports from the folder, as far as they are among `files`. */
function withImports(name: string, files: ReadonlyMap<string, string>, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, path = ''] of files.get(name)?.matchAll(/(?:from|import)"(\.[^"]+)"/g) ?? []) {
    withImports(join(dirname(name), path), files, found);
  }
  return found;
}

/** Builds all entries at once: what several of them use is there once. The client has source maps, for traces of callers. */
async function bundle(): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [...libraries, ...programs, ...commands].map((entry) => `${entry}.ts`),
    outdir: out,
    outbase: '.',
    bundle: true,
    splitting: true,
    packages: 'external',
    external: ['*/openapi.json', 'node:*'],
    format: 'esm',
    platform: 'neutral',
    minify: true,
    target: 'es2022',
    supported: { 'import-attributes': true },
    charset: 'utf8',
    chunkNames: 'chunks/[hash]',
    logLevel: 'warning',
    sourcemap: 'external',
    sourcesContent: false,
    write: false,
  });
  const files = new Map(outputFiles.map(({ path, text }) => [relative(out, path), text]));
  const mapped = withImports('client/index.js', files);
  for (const [name, text] of files) {
    const code = name.replace(/\.map$/, '');
    const reference = mapped.has(code) && code === name ? `//# sourceMappingURL=${basename(name)}.map\n` : '';
    if (mapped.has(code) || code === name) await write(name, text + reference);
  }
}

/** Shorter declarations that say the same: with tabs, and without tags for what is said anyway. */
const shorten = (text: string, spaces = 2) =>
  text
    .replaceAll(/^(?:\/\/.*)?\n/gm, '')
    .replaceAll(/\/\*\*\n +\* ([^\n]*)\n +\*\//g, '/** $1 */')
    .replaceAll(/(\/\*\*\s(?:\s*\* )?)@description /g, '$1')
    // What `operations` says, too.
    .replace(/^export interface paths \{.*?^\}/ms, (paths) => paths.replaceAll(/^ *\/\*\*.*?\*\/\n/gms, ''))
    .replaceAll(/^ +/gm, (indent) => '\t'.repeat(indent.length / spaces) + ' '.repeat(indent.length % spaces));

/** Writes the declarations of entries: of what they export and what that refers to, and nothing else. */
async function declare(entries: readonly string[]): Promise<void> {
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((entry) => [entry, join(root, `${entry}.ts`)])),
    external: /^[^./]/,
    // It tells how long the declarations take, which is most of it.
    checks: { pluginTimings: false },
    plugins: [dts({ emitDtsOnly: true, cwd: root, tsconfig: join(root, 'tsconfig.build.json') })],
  });
  const { output } = await build.generate({ chunkFileNames: 'chunks/[hash].js' });
  await build.close();
  for (const file of output) if ('code' in file) await write(file.fileName, shorten(file.code));
  // Nothing but declarations, whose comments would move.
  await write('generated/types.d.ts', shorten(await readFile(join(root, 'generated/types.ts'), 'utf8'), 4));
}

/** YAML to be read: what fits is on one line, as one would write it by hand. */
function toYaml(value: unknown): string {
  const document = new Document(value);
  const fold = (_key: unknown, node: { flow?: boolean; items: unknown[] }) => {
    node.flow = node.items.length > 0 && JSON.stringify(node).length <= 150;
  };
  visit(document, { Seq: fold, Map: fold });
  return document.toString({ lineWidth: 0, indent: 1, indentSeq: false, flowCollectionPadding: false });
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(out, name)), { recursive: true });
  await writeFile(join(out, name), text);
}

await rm(out, { recursive: true, force: true });
await bundle();
await declare([...libraries, ...programs]);

const description = JSON.parse(await readFile(join(root, 'generated/openapi.json'), 'utf8'));
await write('generated/openapi.json', JSON.stringify(description));
await write('generated/openapi.yaml', toYaml(description));
