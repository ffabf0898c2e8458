/**
 * Builds the published files in dist/package/: JavaScript, declarations, and the bundle as JSON and YAML. `npm pack`
 * runs it. It drops declarations that no entry needs.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { rolldown } from 'rolldown';
import { minify } from 'rolldown/utils';
import { dts } from 'rolldown-plugin-dts';
import { Document, visit } from 'yaml';
import { docsFiles, readTypescript } from './docs/build.ts';
import { readGuides } from './docs/guides.ts';
import { renderLlms } from './docs/llms.ts';
import { renderReference } from './docs/reference.ts';
import { findGuides } from './root.ts';

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'dist/package');

/** Entries for programs of callers, including those in browsers and workers. */
const libraries = ['client/index', 'client/msw', 'client/react-query', 'generated/types', 'generated/validators'];
/** Entries for Node. */
const suites = ['test/conformance', 'test/store-tests'];
const programs = [
  'server/index',
  ...suites.flatMap((suite) => ['index', 'node-test', 'vitest'].map((name) => `${suite}/${name}`)),
];
/** Entries of commands. They are not imported, so they need no declarations. */
const commands = ['openapi/docs', 'server/cli', 'server/store/dialects/sqlite-thread'];

/** Returns a file and those of `files` that it imports, directly or not. */
function withImports(name: string, files: ReadonlyMap<string, string>, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, path = ''] of files.get(name)?.matchAll(/^(?:import|export|\} from)\b.*"(\.[^"]+)";$/gm) ?? []) {
    withImports(join(dirname(name), path), files, found);
  }
  return found;
}

const commander = fileURLToPath(import.meta.resolve('commander'));

/** The native compiler, which writes the declarations with a third of the work. */
const { default: findCompiler } = (await import(
  new URL('lib/getExePath.js', import.meta.resolve('typescript-7/package.json')).href
)) as { default: () => string };

const supported = { 'import-attributes': true };

/** The place of Commander, beside the chunks. */
const commanderFile = 'chunks/commander.js';

/** Lets commands import Commander from its place. */
const findCommander: Plugin = {
  name: 'find-commander',
  setup({ onResolve }) {
    onResolve({ filter: /^commander$/ }, () => ({ path: `../${commanderFile}`, external: true }));
  },
};

/**
 * Bundles Commander, so that no consumer installs it, and minifies it: its lines are not those of this package. It is
 * CommonJS, whose `require` does not exist in a module.
 */
async function packCommander(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [commander],
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', target: 'es2022', minify: true, keepNames: true },
    banner: { js: 'const require = (name) => globalThis.process.getBuiltinModule(name);' },
  });
  await write(commanderFile, outputFiles[0]?.text ?? '');
}

/** Returns code as it is, indented by tabs. Programs for Node need no source maps: their traces show these lines. */
async function indentByTabs(text: string): Promise<string> {
  const options = {
    compress: false,
    mangle: false,
    codegen: { removeWhitespace: false, legalComments: 'none' },
  } as const;
  const { code, errors } = await minify('program.js', text, options);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return code;
}

/**
 * Builds all entries at once, so that shared code exists once. Names stay readable, for logs and stack traces. The files for
 * programs of callers have source maps, with the sources inside.
 */
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
    target: 'es2022',
    supported,
    charset: 'utf8',
    chunkNames: 'chunks/[hash]',
    logLevel: 'warning',
    sourcemap: 'external',
    sourcesContent: true,
    write: false,
    plugins: [findCommander],
  });
  const files = new Map(outputFiles.map(({ path, text }) => [relative(out, path), text]));
  const mapped = new Set(libraries.flatMap((entry) => [...withImports(`${entry}.js`, files)]));
  for (const [name, text] of files) {
    if (!name.endsWith('.map')) {
      await write(
        name,
        mapped.has(name) ? `${text}//# sourceMappingURL=${basename(name)}.map\n` : await indentByTabs(text),
      );
    } else if (mapped.has(name.slice(0, -'.map'.length))) await write(name, text);
  }
}

/**
 * Shortens declarations: indents with tabs and removes comments and tags that carry no information. The plugin puts comments
 * behind the member before, where TypeScript takes them for none of the next one.
 */
const shorten = (text: string) =>
  text
    .replaceAll(/^( *)(.*\S) (?=\/\*\*)/gm, '$1$2\n$1')
    .replaceAll(/^( *)(.*\*\/)(?=[^\s;,)])/gm, '$1$2\n$1')
    .replaceAll(/^(?:\/\/.*)?\n/gm, '')
    .replaceAll(/\/\*\*\n +\* ([^\n]*)\n +\*\//g, '/** $1 */')
    .replaceAll(/(\/\*\*\s(?:\s*\* )?)@description /g, '$1')
    .replaceAll(/^ +/gm, (indent) => '\t'.repeat(indent.length / 2) + ' '.repeat(indent.length % 2));

/** Writes the declarations of entries: of their exports and of the types to which these refer. */
async function declare(entries: readonly string[]): Promise<void> {
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((entry) => [entry, join(root, `${entry}.ts`)])),
    external: /^[^./]/,
    // Turns off the warning that declarations take most of the time.
    checks: { pluginTimings: false },
    plugins: [
      dts({
        ...{ emitDtsOnly: true, cwd: root, tsconfig: join(root, 'tsconfig.build.json') },
        tsgo: { path: findCompiler() },
      }),
    ],
  });
  const { output } = await build.generate({ chunkFileNames: 'chunks/[hash].js' });
  await build.close();
  for (const file of output) if ('code' in file) await write(file.fileName, shorten(file.code));
}

/** Returns a value as readable YAML. Lists and maps that fit on a line are on one line. */
function toYaml(value: unknown): string {
  // Readers of YAML 1.1 take a plain timestamp for a date. The document quotes what they would read as another type.
  const document = new Document(value, { compat: 'yaml-1.1' });
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
await packCommander();
await write('commander.LICENSE', await readFile(join(commander, '../LICENSE'), 'utf8'));
await declare([...libraries, ...programs]);

const readJson = async (file: string) => JSON.parse(await readFile(join(root, file), 'utf8'));
const [description, { name }] = [await readJson('generated/openapi.json'), await readJson('package.json')];
await write('generated/openapi.json', JSON.stringify(description));
await write('generated/openapi.yaml', toYaml(description));
await write('generated/openapi-3.0.json', JSON.stringify(await readJson('generated/openapi-3.0.json')));
const guides = await readGuides();
await write('docs/docs.md', renderReference(description, name, guides));
await write('docs/llms.txt', renderLlms(description, docsFiles, guides));
await write('docs/typescript.md', await readTypescript());
await cp(findGuides(), join(out, relative(root, findGuides())), { recursive: true });
