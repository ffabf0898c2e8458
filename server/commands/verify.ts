import { type FileHandle, open } from 'node:fs/promises';
import type { CheckName, Level, SuiteOptions } from '../../test/conformance/index.ts';
import { type Command, type CommandInput, UsageError } from './command.ts';

/** Exit codes: conform, not conform, could not find out. */
const [conform, broken, unknown] = [0, 1, 2];

const load = () => import('../../test/conformance/index.ts');
type Conformance = Awaited<ReturnType<typeof load>>;

function readNames<Name extends string>(text: unknown, option: string, names: readonly Name[]): Name[] | undefined {
  if (text === undefined) return undefined;
  const given = String(text).split(',') as Name[];
  if (!given.every((name) => names.includes(name)))
    throw new UsageError(`${option} takes a comma-separated list out of ${names.join(', ')}`);
  return given;
}

function readLevel(text: unknown, levels: readonly Level[]): Level | undefined {
  if (text === undefined || levels.includes(text as Level)) return text as Level | undefined;
  throw new UsageError(`--level takes one of ${levels.join(', ')}`);
}

function readNumber(text: unknown, option: string, most: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(String(text)) || Number(text) > most)
    throw new UsageError(`${option} takes a number from 0 to ${most}`);
  return Number(text);
}

function readBaseUrl([text = '']: readonly string[]): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError('verify takes a base URL such as https://api.example.com');
  }
  return text;
}

/** The report's file, opened before anything is sent: a run must not end without it. */
async function openReport(path: unknown): Promise<FileHandle | undefined> {
  if (typeof path !== 'string') return undefined;
  return open(path, 'w').catch(({ code }: { code?: string }) => {
    throw new UsageError(`--junit takes a file that can be written, and this one cannot (${code})`);
  });
}

function readOptions(input: CommandInput, { checkNames, levels }: Conformance): SuiteOptions {
  const { options, positionals, readTokens } = input;
  const given = readTokens();
  const token = (options.token as string | undefined) ?? given.token;
  if (token === undefined) throw new UsageError('verify needs --token, or API_TOKEN in the environment');
  return {
    baseUrl: readBaseUrl(positionals),
    token,
    otherToken: (options['other-token'] as string | undefined) ?? given.otherToken,
    isReadOnly: options['read-only'] === true,
    isStrict: options.strict === true,
    seed: readNumber(options.seed, '--seed', 2 ** 31 - 1),
    cases: readNumber(options.cases, '--cases', 100_000),
    level: readLevel(options.level, levels),
    only: readNames<CheckName>(options.only, '--only', checkNames),
    skip: readNames<CheckName>(options.skip, '--skip', checkNames),
  };
}

/** A line that is written over while the cases run; nothing where nobody looks. */
function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} cases${done === all ? '\n' : ''}`);
  else if (done % 100 === 0 || done === all) process.stderr.write(`${done} of ${all} cases\n`);
}

export const verify: Command = {
  name: 'verify',
  summary: 'Tells what an implementation at a base URL breaks of the contract. Removes what it makes there.',
  argumentCount: 1,
  options: {
    token: { type: 'string' },
    'other-token': { type: 'string' },
    level: { type: 'string' },
    'read-only': { type: 'boolean' },
    strict: { type: 'boolean' },
    seed: { type: 'string' },
    cases: { type: 'string' },
    'min-coverage': { type: 'string' },
    only: { type: 'string' },
    skip: { type: 'string' },
    junit: { type: 'string' },
    json: { type: 'boolean' },
  },
  packages: ['ajv', 'ajv-formats', 'fast-check'],
  help: [
    ['<base-url>', 'where the implementation is, without /v1'],
    ['--token T', 'a token that may do everything (default: API_TOKEN, which `ps` does not show)'],
    ['--other-token T', 'a token of another account, to see that accounts are kept apart (default: OTHER_API_TOKEN)'],
    ['--level L', "documented: Sequin's pages; inferred: and what they show; extension: all (default)"],
    ['--read-only', 'change nothing; tries less'],
    ['--strict', 'report properties of answers that the description does not have'],
    ['--seed N', 'where random values begin (default: random; always told)'],
    ['--cases N', 'generated values per case (default: 20)'],
    ['--min-coverage P', 'fail below this percentage of what a client can cover (default: 0)'],
    ['--only C,…', 'only these checks'],
    ['--skip C,…', 'not these checks'],
    ['--junit F', "also write JUnit's XML to this file"],
    ['--json', 'print everything as JSON'],
  ],
  async run(input) {
    const { options, say } = input;
    const conformance = await load();
    const suiteOptions = readOptions(input, conformance);
    const floor = readNumber(options['min-coverage'], '--min-coverage', 100) ?? 0;
    const report = await openReport(options.junit);
    const ending = new AbortController();
    const end = () => ending.abort();
    process.once('SIGINT', end).once('SIGTERM', end);
    try {
      const suite = conformance.createSuite(suiteOptions);
      const result = await suite.run({ signal: ending.signal, onProgress: showProgress });
      say(options.json === true ? conformance.renderJson(result) : conformance.renderText(result));
      await report?.writeFile(conformance.renderJunit(result));
      const isCovered = result.coveredShare * 100 >= floor;
      if (!isCovered) say(`The coverage is below ${floor} %.`);
      if (result.isAborted) return unknown;
      return result.findings.length === 0 && isCovered ? conform : broken;
    } catch (error) {
      if (!(error instanceof conformance.Unreachable)) throw error;
      say(`The implementation cannot be verified: ${error.message}.`);
      return unknown;
    } finally {
      await report?.close();
      process.off('SIGINT', end).off('SIGTERM', end);
    }
  },
};
