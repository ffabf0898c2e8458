/**
 * Builds what is published, in dist/package/: JavaScript, declarations, the bundle as JSON and YAML. `npm pack` runs it.
 *
 * All of it is minified, and declarations are kept as far as an entry needs them: installing this is to cost little.
 * The client has a source map, for the traces of callers.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import ts from 'typescript';
import { Document, visit } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'dist/package');

/** Entries for programs of callers, and entries for Node. */
const libraries = ['client/msw', 'generated/types', 'generated/validators'];
const client = 'client/index';
const commands = ['openapi/docs', 'server/cli'];
const programs = [
  ...commands,
  'server/index',
  'test/conformance/index',
  'test/conformance/node-test',
  'test/conformance/vitest',
];

async function bundle(entries: string[], options: BuildOptions): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => `${entry}.ts`),
    outdir: out,
    outbase: '.',
    bundle: true,
    splitting: true,
    packages: 'external',
    external: ['*/openapi.json'],
    format: 'esm',
    minify: true,
    target: 'es2022',
    supported: { 'import-attributes': true },
    charset: 'utf8',
    // The depth of the entries: code finds files of the package by its own place.
    chunkNames: 'server/chunks/[hash]',
    logLevel: 'warning',
    ...options,
  });
}

/** The declarations of a program, by file. */
function emitDeclarations(): Map<string, string> {
  const file = join(root, 'tsconfig.build.json');
  const config = ts.getParsedCommandLineOfConfigFile(file, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} });
  if (config === undefined) throw new Error(`${file} cannot be read`);
  const files = new Map<string, string>();
  const program = ts.createProgram(config.fileNames, config.options);
  program.emit(undefined, (name, text) => files.set(name.slice(root.length + 1), text));
  return files;
}

/** The declarations that entries need, by file: theirs, and what those import. */
function pick(files: Map<string, string>, entries: string[]): Map<string, string> {
  const picked = new Map<string, string>();
  const add = (name: string) => {
    const text = files.get(name);
    if (text === undefined || picked.has(name)) return;
    picked.set(name, text);
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith('.')) add(join(dirname(name), fileName).replace(/\.[jt]s$/, '.d.ts'));
    }
  };
  for (const entry of entries) add(`${entry}.d.ts`);
  return picked;
}

/** Declarations with tabs, and without the words that `paths` repeats of `operations`. */
const shorten = (text: string) =>
  text
    .replace(/^export interface paths \{.*?^\}/ms, (paths) => paths.replaceAll(/^ *\/\*\*.*?\*\/\n/gms, ''))
    .replaceAll(/^( {4})+/gm, (indent) => '\t'.repeat(indent.length / 4));

/** YAML to be read: what fits is on one line, as one would write it by hand. */
function toYaml(value: unknown): string {
  const document = new Document(value);
  const fold = (_key: unknown, node: { flow?: boolean; items: unknown[] }) => {
    node.flow = node.items.length > 0 && JSON.stringify(node).length <= 100;
  };
  visit(document, { Seq: fold, Map: fold });
  return document.toString({ lineWidth: 0, indent: 1, indentSeq: false, flowCollectionPadding: false });
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(out, name)), { recursive: true });
  await writeFile(join(out, name), text);
}

await rm(out, { recursive: true, force: true });
await bundle([client], { platform: 'neutral', sourcemap: true, sourcesContent: false });
await bundle(libraries, { platform: 'neutral' });
await bundle(programs, { platform: 'node' });
// Nobody imports a command.
const imported = programs.filter((entry) => !commands.includes(entry));
for (const [name, text] of pick(emitDeclarations(), [client, ...libraries, ...imported])) {
  await write(name, shorten(text));
}

const description = JSON.parse(await readFile(join(root, 'generated/openapi.json'), 'utf8'));
await write('generated/openapi.json', JSON.stringify(description));
await write('generated/openapi.yaml', toYaml(description));
