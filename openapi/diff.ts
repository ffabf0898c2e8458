/** Rates the changes of the bundle since a git ref, and requires a version that matches them. See `--help`. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readBase } from './diff/base.ts';
import { compareBundles } from './diff/compare.ts';
import { renderGitHub, renderJson, renderMarkdown, renderText } from './diff/report.ts';
import { isAtLeast, nextVersion } from './diff/version.ts';

const help = `Usage: npm run diff -- [<git-ref>] [--format text|markdown|json|github]

Compares generated/openapi.json of the working tree with the one at a git ref and rates every change:

  major   breaks callers: a valid request is now rejected, or a response lacks something or has another meaning
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
const root = resolve(import.meta.dirname, '..');
const readJson = async (file: string) => JSON.parse(await readFile(join(root, file), 'utf8'));

function readArguments() {
  const options = { format: { type: 'string', default: 'text' }, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [ref, ...more] = positionals;
  if (more.length > 0) throw new Error(`Give at most one git ref, not ${positionals.length}.`);
  const render = Object.entries(formats).find(([name]) => name === values.format)?.[1];
  if (!render) throw new Error(`--format must be one of ${Object.keys(formats).join(', ')}.`);
  return { ref, render, isHelp: values.help };
}

/** Prints the report. Returns why the version does not match the changes, or undefined when it does. */
async function checkVersion({ ref, render }: ReturnType<typeof readArguments>): Promise<string | undefined> {
  const base = await readBase(ref);
  const bundle = await readJson('generated/openapi.json');
  const { version: packageVersion } = await readJson('package.json');
  const [baseVersion, version] = [base.bundle.info.version, bundle.info.version];
  const findings = compareBundles(base.bundle, bundle);
  const required = nextVersion(baseVersion, findings[0]?.rating);
  console.log(render({ baseName: base.name, baseVersion, version, required, findings }));
  if (version !== packageVersion) {
    return `info.version is ${version} but package.json has ${packageVersion}. They must be the same.`;
  }
  if (isAtLeast(version, required)) return undefined;
  return `The version is ${version} and must be at least ${required}. Raise info.version in openapi/openapi.yaml and the version in package.json, then run \`npm run generate\`.`;
}

try {
  const args = readArguments();
  if (args.isHelp) console.log(help);
  else {
    const mismatch = await checkVersion(args);
    if (mismatch) console.error(`\n${mismatch}`);
    process.exitCode = mismatch ? 1 : 0;
  }
} catch (error) {
  console.error(`${(error as Error).message}\nSee npm run diff -- --help`);
  process.exitCode = 2;
}
