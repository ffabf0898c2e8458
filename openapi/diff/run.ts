/** Runs `npm run diff`: its arguments, its report and its exit code. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { History } from './base.ts';
import { compareBundles } from './compare.ts';
import { compareSurfaces } from './compare-declarations.ts';
import { listEntries } from './entries.ts';
import { Findings } from './finding.ts';
import { renderGitHub, renderJson, renderMarkdown, renderText } from './report.ts';
import { isAtLeast, nextVersion } from './version.ts';

const help = `Usage: npm run diff -- [<git-ref>] [--format text|markdown|json|github]

Compares generated/openapi.json of the working tree with the one at a git ref, and the declarations that the package
exports with those at the ref. Rates every change:

  major   breaks callers: a valid request is now rejected, or a response lacks something or has another meaning;
          or a program that uses the package may no longer compile
  minor   adds something: an operation, a parameter, a status, a property, a wider limit, a required response property
  patch   changes words only: descriptions, summaries, titles, examples, provenance

What no rule knows to be harmless is major. The rules are in .github/CONTRIBUTING.md.

Without a ref, it compares with the last release (the nearest tag such as v1.2.3), or with the first commit that has a
bundle if there is no release. On the commit of a release, it compares with the release before.

The version (info.version and that of package.json) must be raised to match:

  from 1.0.0   major → 2.0.0   minor → 1.1.0   patch → 1.0.1
  from 0.1.0   major → 0.2.0   minor → 0.1.1   patch → 0.1.1

  --format   text for a terminal (default), markdown for a changelog, json for programs, or github for annotations
  --help     shows this help

Exits with 0 when the version is high enough, 1 when it is not, 2 when the bundles could not be compared.`;

const formats = { text: renderText, markdown: renderMarkdown, json: renderJson, github: renderGitHub };

function readArguments(args: readonly string[]) {
  const options = { format: { type: 'string', default: 'text' }, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [ref, ...more] = positionals;
  if (more.length > 0) throw new Error(`Give at most one git ref, not ${positionals.length}.`);
  const render = Object.entries(formats).find(([name]) => name === values.format)?.[1];
  if (!render) throw new Error(`--format must be one of ${Object.keys(formats).join(', ')}.`);
  return { ref, render, isHelp: values.help };
}

/** Compares what the package exports with its exports at a commit. */
async function comparePackages(root: string, history: History, commit: string, findings: Findings): Promise<void> {
  const baseEntries = listEntries(JSON.parse((await history.readFile(commit, 'package.json')) ?? '{}'));
  // A commit that published nothing has no callers.
  if (Object.keys(baseEntries).length === 0) return;
  const entries = listEntries(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  await using base = await history.checkOut(commit);
  // The compiler is loaded only when there is something to compare.
  const { compile, readSurface } = await import('./declarations.ts');
  const read = (folder: string, of: Record<string, string>) => readSurface(compile(folder, Object.values(of)), of);
  compareSurfaces(read(base.folder, baseEntries), read(root, entries), findings);
}

/** The output of a run. */
export interface DiffOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns why the version does not match the changes, or undefined when it does. */
function findMismatch(version: string, packageVersion: string, required: string): string | undefined {
  if (version !== packageVersion)
    return `info.version is ${version} but package.json has ${packageVersion}. They must be the same.`;
  if (isAtLeast(version, required)) return undefined;
  return `The version is ${version} and must be at least ${required}. Raise info.version in openapi/openapi.yaml and the version in package.json, then run \`npm run generate\`.`;
}

async function compare(words: readonly string[], root: string, env: NodeJS.ProcessEnv): Promise<DiffOutput> {
  const { ref, render, isHelp } = readArguments(words);
  if (isHelp) return { code: 0, stdout: help, stderr: '' };
  const readJson = async (file: string) => JSON.parse(await readFile(join(root, file), 'utf8'));
  const history = new History(root, env);
  const base = await history.readBase(ref);
  const bundle = await readJson('generated/openapi.json');
  const { version: packageVersion } = await readJson('package.json');
  const [baseVersion, version] = [base.bundle.info.version, bundle.info.version];
  const found = new Findings(compareBundles(base.bundle, bundle));
  await comparePackages(root, history, base.commit, found);
  const findings = found.list();
  const required = nextVersion(baseVersion, findings[0]?.rating);
  const stdout = render({ baseName: base.name, baseVersion, version, required, findings });
  const mismatch = findMismatch(version, packageVersion, required);
  return { code: mismatch ? 1 : 0, stdout, stderr: mismatch ? `\n${mismatch}` : '' };
}

/**
 * Compares the bundle and the declarations of the repository in the folder `root` with those at a git ref.
 *
 * @param words - The arguments of `npm run diff`.
 * @param env - The variables that git gets.
 */
export async function runDiff(words: readonly string[], root: string, env = process.env): Promise<DiffOutput> {
  try {
    return await compare(words, root, env);
  } catch (error) {
    return { code: 2, stdout: '', stderr: `${(error as Error).message}\nSee npm run diff -- --help` };
  }
}
