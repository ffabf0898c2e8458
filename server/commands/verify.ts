import { type FileHandle, open } from 'node:fs/promises';
import type { CheckName, Level, SuiteOptions } from '../../test/conformance/index.ts';
import { type Command, type CommandInput, UsageError } from './command.ts';

/** Exit codes. `unknown`: the run was aborted, or the implementation is unreachable. */
const exitCodes = { conforming: 0, violating: 1, unknown: 2 };

const loadConformance = () => import('../../test/conformance/index.ts');
type Conformance = Awaited<ReturnType<typeof loadConformance>>;

function readNames<Name extends string>(text: unknown, option: string, allowed: readonly Name[]): Name[] | undefined {
  if (text === undefined) return undefined;
  const names = String(text).split(',') as Name[];
  if (!names.every((name) => allowed.includes(name)))
    throw new UsageError(`${option} takes a comma-separated list of ${allowed.join(', ')}`);
  return names;
}

function readLevel(text: unknown, levels: readonly Level[]): Level | undefined {
  if (text === undefined || levels.includes(text as Level)) return text as Level | undefined;
  throw new UsageError(`--level takes one of ${levels.join(', ')}`);
}

function readNumber(text: unknown, option: string, max: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(String(text)) || Number(text) > max)
    throw new UsageError(`${option} takes a number from 0 to ${max}`);
  return Number(text);
}

function readBaseUrl([text = '']: readonly string[]): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError('verify takes a base URL such as https://api.example.com');
  }
  return text;
}

/** Opens the report file. A path that is not writable has to fail before the first request, not after the run. */
async function openReport(path: unknown): Promise<FileHandle | undefined> {
  if (typeof path !== 'string') return undefined;
  return open(path, 'w').catch(({ code }: { code?: string }) => {
    throw new UsageError(`--junit takes a writable file, and this one is not writable (${code})`);
  });
}

function readOptions(input: CommandInput, { checkNames, levels }: Conformance): SuiteOptions {
  const { options, positionals, readTokens } = input;
  const environment = readTokens();
  const token = (options.token as string | undefined) ?? environment.token;
  if (token === undefined) throw new UsageError('verify needs --token, or API_TOKEN in the environment');
  return {
    baseUrl: readBaseUrl(positionals),
    token,
    otherToken: (options['other-token'] as string | undefined) ?? environment.otherToken,
    isReadOnly: options['read-only'] === true,
    isStrict: options.strict === true,
    seed: readNumber(options.seed, '--seed', 2 ** 31 - 1),
    cases: readNumber(options.cases, '--cases', 100_000),
    level: readLevel(options.level, levels),
    only: readNames<CheckName>(options.only, '--only', checkNames),
    skip: readNames<CheckName>(options.skip, '--skip', checkNames),
  };
}

/** Shows the progress on standard error: on a terminal in one line, elsewhere in a line for every 100 cases. */
function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} cases${done === all ? '\n' : ''}`);
  else if (done % 100 === 0 || done === all) process.stderr.write(`${done} of ${all} cases\n`);
}

export const verify: Command = {
  name: 'verify',
  summary: 'Checks an implementation against the contract. Deletes the apps that it creates there.',
  packages: ['ajv', 'ajv-formats', 'fast-check'],
  help: [
    ['<base-url>', 'the base URL of the implementation, without /v1'],
    ['--token T', 'a token with all scopes (default: API_TOKEN, which `ps` does not show)'],
    ['--other-token T', 'a token of another account, to check account isolation (default: OTHER_API_TOKEN)'],
    ['--level L', "documented: Sequin's pages; inferred: also their examples; extension: everything (default)"],
    ['--read-only', 'run only cases that change nothing'],
    ['--strict', 'report response properties that the description does not have'],
    ['--seed N', 'the seed of generated values (default: random, printed at the end)'],
    ['--cases N', 'generated values per case (default: 20)'],
    ['--min-coverage P', 'fail below this coverage in percent (default: 0)'],
    ['--only C,…', 'report only these checks'],
    ['--skip C,…', 'do not report these checks'],
    ['--junit F', "also write JUnit's XML to this file"],
    ['--json', 'print the result as JSON'],
  ],
  examples: [
    'verify https://api.example.com --token YOUR_API_TOKEN',
    'verify http://127.0.0.1:3000 --read-only --level documented --junit report.xml',
  ],
  exitCodes: { 0: 'conforms', 1: 'does not conform', 2: 'not verified' },
  failureCode: exitCodes.unknown,
  async run(input) {
    const { options, say } = input;
    const conformance = await loadConformance();
    const suiteOptions = readOptions(input, conformance);
    const minCoverage = readNumber(options['min-coverage'], '--min-coverage', 100) ?? 0;
    const report = await openReport(options.junit);
    const controller = new AbortController();
    const abort = () => controller.abort();
    process.once('SIGINT', abort).once('SIGTERM', abort);
    try {
      const suite = conformance.createSuite(suiteOptions);
      const result = await suite.run({ signal: controller.signal, onProgress: showProgress });
      say(options.json === true ? conformance.renderJson(result) : conformance.renderText(result));
      await report?.writeFile(conformance.renderJunit(result));
      const isCovered = result.coveredShare * 100 >= minCoverage;
      if (!isCovered) say(`The coverage is below ${minCoverage} %.`);
      if (result.isAborted) return exitCodes.unknown;
      return result.findings.length === 0 && isCovered ? exitCodes.conforming : exitCodes.violating;
    } catch (error) {
      if (!(error instanceof conformance.Unreachable)) throw error;
      say(`The implementation cannot be verified: ${error.message}.`);
      return exitCodes.unknown;
    } finally {
      await report?.close();
      process.off('SIGINT', abort).off('SIGTERM', abort);
    }
  },
};
