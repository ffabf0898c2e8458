import { readFile } from 'node:fs/promises';
import type { CheckName, Level, SuiteOptions, TlsOptions } from '../../test/conformance/index.ts';
import { type CommandInput, UsageError } from './command.ts';

/** Reads the options of `verify`. An error names the option and what it takes. */

export type Conformance = typeof import('../../test/conformance/index.ts');
type Options = CommandInput['options'];

/** Options that a check of traffic takes. It sends nothing, so that the others would have no effect. */
const trafficOptions = 'har proxy level strict only skip verbose html docs-url junit annotations json'.split(' ');
const proxyOptions = [...trafficOptions, 'port', 'ca', 'insecure'];

/** Rejects options without an effect, so that none is ignored without a word. @throws {UsageError} */
export function checkOptions({ options, positionals }: CommandInput): void {
  const given = Object.keys(options).filter((name) => options[name] !== undefined && options[name] !== false);
  const needs = (name: string, other: string) => {
    if (given.includes(name) && !given.includes(other)) throw new UsageError(`--${name} needs --${other}`);
  };
  needs('docs-url', 'html');
  needs('port', 'proxy');
  if (given.includes('har') && given.includes('proxy')) throw new UsageError('verify takes one of --har and --proxy');
  const mode = ['har', 'proxy'].find((name) => given.includes(name));
  if (mode === undefined) return;
  const taken = mode === 'har' ? trafficOptions : proxyOptions;
  const other = given.find((name) => !taken.includes(name));
  if (other !== undefined)
    throw new UsageError(`--${other} has no effect with --${mode}, which sends nothing of its own`);
  if (positionals.length > 0) throw new UsageError(`verify takes no base URL with --${mode}`);
}

/** Reads a list of names; undefined where it is not given. @throws {UsageError} */
export function readNames<Name extends string>(
  text: unknown,
  option: string,
  allowed: readonly Name[],
): Name[] | undefined {
  if (text === undefined) return undefined;
  const names = String(text).split(',') as Name[];
  if (!names.every((name) => allowed.includes(name)))
    throw new UsageError(`${option} takes a comma-separated list of ${allowed.join(', ')}`);
  return names;
}

/** Reads a level; undefined where it is not given. @throws {UsageError} */
export function readLevel(text: unknown, levels: readonly Level[]): Level | undefined {
  if (text === undefined || levels.includes(text as Level)) return text as Level | undefined;
  throw new UsageError(`--level takes one of ${levels.join(', ')}`);
}

/** Reads a whole number of an option; undefined where it is not given. @throws {UsageError} */
export function readNumber(text: unknown, option: string, max: number, min = 0): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(String(text)) || Number(text) > max || Number(text) < min)
    throw new UsageError(`${option} takes a whole number from ${min} to ${max}`);
  return Number(text);
}

/** Reads the base URL. @throws {UsageError} */
export function readBaseUrl([text = '']: readonly string[], name = 'verify'): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`${name} takes a base URL such as https://api.example.com`);
  }
  return text;
}

/** Reads the URL of a docs page; undefined where it is not given. @throws {UsageError} */
export function readDocsUrl(text: unknown): string | undefined {
  if (text === undefined || /^https?:\/\/\S+$|^[\w./-]+$/.test(String(text))) return text as string | undefined;
  throw new UsageError('--docs-url takes a URL or a path, such as docs/index.html');
}

/** Reads headers, one in a line. The message repeats no value, because it may be a secret. */
function readHeaders(text: unknown): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const headers = String(text)
    .split('\n')
    .map((line) => /^([\w!#$%&'*+.^`|~-]+):\s*([\t\x20-\x7e]*)$/.exec(line));
  if (headers.includes(null)) throw new UsageError("--header takes a name and a value: --header 'X-Tenant: acme'");
  return Object.fromEntries(headers.map((match) => [match?.[1] ?? '', match?.[2] ?? '']));
}

/** Reads which certificates are accepted; undefined where those of the known authorities are. @throws {UsageError} */
export async function readTls({ ca, insecure }: Options): Promise<TlsOptions | undefined> {
  if (ca === undefined) return insecure === true ? { isInsecure: true } : undefined;
  const pem = await readFile(String(ca), 'utf8').catch(({ code }: { code?: string }) => {
    throw new UsageError(`--ca takes a readable PEM file, and this one is not readable (${code})`);
  });
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new UsageError('--ca takes a PEM file with a certificate');
  return { ca: pem, isInsecure: insecure === true };
}

/** Creates the `fetch` for other certificates; undefined where the known authorities are enough. */
async function readFetch(options: Options, { createTlsFetch }: Conformance): Promise<SuiteOptions['fetch']> {
  const tls = await readTls(options);
  return tls && createTlsFetch(tls);
}

/** Returns the token and the token of another account: of the options, or of the environment. @throws {UsageError} */
export function readCredentials({ options, readTokens }: CommandInput) {
  const environment = readTokens();
  const token = (options.token as string | undefined) ?? environment.token;
  if (token === undefined) throw new UsageError('verify needs --token, or API_TOKEN in the environment');
  return { token, otherToken: (options['other-token'] as string | undefined) ?? environment.otherToken };
}

function readReplay(text: unknown, { seedOfId }: Conformance): string | undefined {
  if (text === undefined || seedOfId(String(text)) !== undefined) return text as string | undefined;
  throw new UsageError('--replay takes the id of a finding, such as 4-b6f5d286-04a1c9f2');
}

/** Reads the options of a run. @throws {UsageError} */
export async function readSuiteOptions(input: CommandInput, conformance: Conformance): Promise<SuiteOptions> {
  const { options, positionals } = input;
  const { checkNames, levels, listOperationIds } = conformance;
  return {
    baseUrl: readBaseUrl(positionals),
    ...readCredentials(input),
    isReadOnly: options['read-only'] === true,
    isStrict: options.strict === true,
    keepsRecords: options.keep === true,
    isFailFast: options['fail-fast'] === true,
    seed: readNumber(options.seed, '--seed', 2 ** 31 - 1),
    cases: readNumber(options.cases, '--cases', 100_000),
    level: readLevel(options.level, levels),
    only: readNames<CheckName>(options.only, '--only', checkNames),
    skip: readNames<CheckName>(options.skip, '--skip', checkNames),
    operations: readNames(options.operation, '--operation', options.operation === undefined ? [] : listOperationIds()),
    replay: readReplay(options.replay, conformance),
    headers: readHeaders(options.header),
    timeoutSeconds: readNumber(options.timeout, '--timeout', 600, 1),
    ratePerSecond: readNumber(options.rate, '--rate', 10_000, 1),
    fetch: await readFetch(options, conformance),
  };
}
