/** Installs Stryker, runs it for one subject, and reads its report. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Subject } from './subjects.ts';

/** The version of Stryker, which is installed on demand: with it, `npm ci` would install 180 more packages. */
const version = '10.1.1';
const root = join(import.meta.dirname, '../..');
const home = join(root, 'dist/mutation');
const packages = join(home, 'node_modules/@stryker-mutator');

/** The fate of a mutant. With a `RuntimeError` or `CompileError` the tests did not even load, which counts for neither side. */
export type Status = 'Killed' | 'Timeout' | 'RuntimeError' | 'Survived' | 'NoCoverage' | 'CompileError' | 'Ignored';

/** A mutant: a change of the source, and what the tests made of it. */
export interface Mutant {
  readonly file: string;
  /** The number of its first line. */
  readonly line: number;
  /** The first line without indentation. */
  readonly text: string;
  /** The source that it replaces, with single spaces. */
  readonly original: string;
  readonly replacement: string;
  readonly status: Status;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** The part of a report that is read. @see https://github.com/stryker-mutator/mutation-testing-elements */
interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string;
        readonly mutants: readonly {
          readonly replacement?: string;
          readonly status: Status;
          readonly location: { readonly start: Position; readonly end: Position };
        }[];
      }
    >
  >;
}

function readVersion(): string | undefined {
  const file = join(packages, 'core/package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

/**
 * Installs Stryker below `dist/` unless this version of it is there.
 *
 * @throws Error when npm fails.
 */
export function installStryker(): void {
  if (readVersion() === version && existsSync(join(packages, 'vitest-runner'))) return;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  // This project has the peers: npm would install a second Vitest.
  const flags = ['--ignore-scripts', '--legacy-peer-deps', '--no-save'];
  const names = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@${version}`);
  const npm = process.env.npm_execpath;
  const words = ['install', ...flags, ...names];
  const [program, args] = npm ? [process.execPath, [npm, ...words]] : ['npm', words];
  console.log(`npm ${words.join(' ')}`);
  const { status } = spawnSync(program, args, { cwd: home, stdio: 'inherit', shell: program === 'npm' });
  if (status !== 0) throw new Error(`npm could not install Stryker ${version}.`);
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** Returns the source of a location. Lines and columns count from 1. */
function sourceAt(lines: readonly string[], { start, end }: { start: Position; end: Position }): string {
  const text = lines.slice(start.line - 1, end.line).join('\n');
  return text.slice(start.column - 1, text.length - (lines[end.line - 1] ?? '').length + end.column - 1);
}

const folderOf = (subject: string) => join(home, subject.replaceAll(/\W+/g, '-'));
const reportOf = (subject: string) => join(folderOf(subject), 'report.json');

/** Returns the mutants of the last run of a subject; undefined when there was none since its files changed. */
export function readMutants(subject: string): Mutant[] | undefined {
  if (!existsSync(reportOf(subject))) return undefined;
  const report: Report = JSON.parse(readFileSync(reportOf(subject), 'utf8'));
  const files = Object.entries(report.files);
  if (files.some(([name, { source }]) => readFileSync(join(root, name), 'utf8') !== source)) return undefined;
  return files.flatMap(([name, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants.map(({ location, replacement = '', status }) => ({
      file: name,
      line: location.start.line,
      text: (lines[location.start.line - 1] ?? '').trim(),
      original: oneLine(sourceAt(lines, location)),
      replacement: oneLine(replacement),
      status,
    }));
  });
}

/**
 * Runs Stryker for a subject. Returns its mutants.
 *
 * @throws Error when a test fails without a mutant, or Stryker itself does.
 */
export function runStryker(name: string, { files, tests }: Subject): Mutant[] {
  const folder = folderOf(name);
  mkdirSync(folder, { recursive: true });
  const options = {
    mutate: files,
    testRunner: 'vitest',
    // Named by its file, because Stryker looks for plugins beside this project's packages.
    plugins: [join(packages, 'vitest-runner/dist/src/index.js')],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: Math.max(1, availableParallelism() - 1),
    // A mutant that never ends. A busy machine must not make it of a slow one.
    timeoutMS: 5_000,
    tempDirName: join(folder, 'sandbox'),
    ignorePatterns: ['dist', '.git'],
    reporters: ['json'],
    warnings: { slow: false },
    jsonReporter: { fileName: reportOf(name) },
    disableTypeChecks: false,
    checkers: [],
    allowConsoleColors: false,
    logLevel: 'warn',
  };
  const config = join(folder, 'stryker.json');
  writeFileSync(config, JSON.stringify(options, null, 2));
  const { status } = spawnSync(process.execPath, [join(packages, 'core/bin/stryker.js'), 'run', config], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MUTATION_TESTS: tests.join() },
  });
  if (status !== 0) throw new Error(`Stryker failed for ${name}.`);
  const mutants = readMutants(name);
  if (mutants === undefined) throw new Error(`The files of ${name} changed during the run.`);
  return mutants;
}
