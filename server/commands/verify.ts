import type { SuiteResult } from '../../test/conformance/index.ts';
import type { Command, CommandInput } from './command.ts';
import { type Conformance, checkOptions, readDocsUrl, readNumber, readSuiteOptions } from './verify-options.ts';
import { createProgress, openReport } from './verify-output.ts';
import { checkHar, checkProxied } from './verify-traffic.ts';

/** Exit codes. `unknown`: the run was aborted, nothing was tried, or the implementation is unreachable. */
const exitCodes = { conforming: 0, violating: 1, unknown: 2 };

const loadConformance = (): Promise<Conformance> => import('../../test/conformance/index.ts');

/** Writes the files of a run, and prints its result. */
async function openOutputs({ options, say }: CommandInput, conformance: Conformance) {
  const junit = await openReport(options.junit, '--junit');
  const html = await openReport(options.html, '--html');
  const docsUrl = readDocsUrl(options['docs-url']);
  return async (result: SuiteResult) => {
    const textOptions = { isVerbose: options.verbose === true, hasCoverage: options.replay === undefined };
    say(options.json === true ? conformance.renderJson(result) : conformance.renderText(result, textOptions));
    if (options.annotations === true && result.causes.length > 0) say(conformance.renderAnnotations(result));
    await junit?.write(conformance.renderJunit(result));
    await html?.write(conformance.renderHtml(result, { docsUrl }));
  };
}

function exitCodeOf(result: SuiteResult, isCovered: boolean): number {
  const isTried = result.results.some(({ notTried }) => notTried === undefined);
  if (result.findings.length > 0 && !result.isAborted) return exitCodes.violating;
  if (result.isAborted || !isTried || result.unmet.length > 0) return exitCodes.unknown;
  return isCovered ? exitCodes.conforming : exitCodes.violating;
}

/** Describes whether a finding was made again. */
function describeReplay(id: string, exitCode: number): string {
  if (exitCode === exitCodes.violating) return `The finding ${id} is reproduced.`;
  return exitCode === exitCodes.conforming
    ? `The finding ${id} is not reproduced.`
    : `The case of ${id} could not be tried.`;
}

async function runSuite(input: CommandInput, conformance: Conformance, signal: AbortSignal): Promise<number> {
  const { options, say } = input;
  const suiteOptions = await readSuiteOptions(input, conformance);
  const minCoverage = readNumber(options['min-coverage'], '--min-coverage', 100) ?? 0;
  const write = await openOutputs(input, conformance);
  const suite = conformance.createSuite(suiteOptions);
  const result = await suite.run({ signal, onProgress: createProgress() });
  await write(result);
  const isCovered = result.coveredShare * 100 >= minCoverage;
  if (!isCovered) say(`The coverage is below ${minCoverage} %.`);
  const exitCode = exitCodeOf(result, isCovered);
  if (suiteOptions.replay !== undefined && options.json !== true) say(describeReplay(suiteOptions.replay, exitCode));
  if (exitCode === exitCodes.unknown && !result.isAborted) say('Not everything that was asked for could be tried.');
  return exitCode;
}

/** Checks traffic of other programs, and reports it like a run. */
async function runTraffic(input: CommandInput, conformance: Conformance, signal: AbortSignal): Promise<number> {
  const { options, say } = input;
  const write = await openOutputs(input, conformance);
  const check = options.har === undefined ? checkProxied : checkHar;
  const { result, ignored } = await check(input, conformance, signal);
  await write(result);
  if (options.json !== true) say(`${result.requests} exchanges checked, ${ignored} ignored.`);
  if (result.requests === 0 || result.isAborted) return exitCodes.unknown;
  return result.findings.length > 0 ? exitCodes.violating : exitCodes.conforming;
}

export const verify: Command = {
  name: 'verify',
  summary: 'Checks an implementation against the contract. Deletes the apps that it creates there, and no others.',
  packages: ['ajv', 'ajv-formats', 'fast-check'],
  repeatable: ['header'],
  help: [
    ['[base-url]', 'the base URL of the implementation, without /v1'],
    ['--token T', 'a token with all scopes (default: API_TOKEN, which `ps` does not show)'],
    ['--other-token T', 'a token of another account, to check account isolation (default: OTHER_API_TOKEN)'],
    ['--level L', "documented: Sequin's pages; inferred: also their examples; extension: everything (default)"],
    ['--read-only', 'run only cases that change nothing'],
    ['--strict', 'report response properties that the description does not have'],
    ['--only C,…', 'report only these checks, and send only what they need'],
    ['--skip C,…', 'do not report these checks'],
    ['--operation O,…', 'run only the cases of these operations'],
    ['--fail-fast', 'end after the first case with findings'],
    ['--replay ID', 'make one finding again, with the other options of its run: exits 1 if it is reproduced, 0 if not'],
    ['--keep', 'keep the apps that the run creates'],
    ['--seed N', 'the seed of generated values (default: random, printed at the end)'],
    ['--cases N', 'generated values per case (default: 20)'],
    ['--min-coverage P', 'fail below this coverage in percent (default: 0)'],
    ['--header H', "a header of every request, such as 'X-Tenant: acme'; may be repeated"],
    ['--timeout S', 'seconds after which a request has failed (default: 15)'],
    ['--rate N', 'send at most N requests a second'],
    ['--ca F', 'accept certificates of the authorities in this PEM file'],
    ['--insecure', 'accept any certificate'],
    ['--har F', 'check the recorded traffic of this file (HTTP Archive) instead, and send nothing'],
    ['--proxy U', 'check what passes a proxy in front of this base URL instead, until Ctrl-C'],
    ['--port N', 'the port of the proxy on 127.0.0.1 (default: any free one)'],
    ['--verbose', 'print every finding, with a script that repeats it'],
    ['--html F', 'also write a page for a browser to this file'],
    ['--docs-url U', 'the docs page to which the page of --html links'],
    ['--junit F', "also write JUnit's XML to this file"],
    ['--annotations', 'also print an annotation of GitHub Actions for each cause'],
    ['--json', 'print the result as JSON'],
  ],
  examples: [
    'verify https://api.example.com --token YOUR_API_TOKEN',
    'verify http://127.0.0.1:3000 --read-only --level documented --junit report.xml',
    'verify --har recorded.har --html report.html',
    'verify --proxy https://api.example.com --port 8080',
  ],
  exitCodes: {
    0: 'conforms',
    1: 'does not conform: findings, or a coverage below --min-coverage',
    2: 'not verified: unreachable, aborted, nothing tried, or a check of --only that no case could try',
  },
  failureCode: exitCodes.unknown,
  async run(input) {
    checkOptions(input);
    const conformance = await loadConformance();
    const controller = new AbortController();
    const abort = () => controller.abort();
    process.once('SIGINT', abort).once('SIGTERM', abort);
    try {
      const isTraffic = input.options.har !== undefined || input.options.proxy !== undefined;
      return await (isTraffic ? runTraffic : runSuite)(input, conformance, controller.signal);
    } catch (error) {
      if (!(error instanceof conformance.Unreachable)) throw error;
      input.say(`The implementation cannot be verified: ${error.message}${error.message.endsWith('?') ? '' : '.'}`);
      return exitCodes.unknown;
    } finally {
      process.off('SIGINT', abort).off('SIGTERM', abort);
    }
  },
};
