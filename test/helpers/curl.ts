import { run } from './process.ts';
import { timeLimit } from './time-limits.ts';

/** The seconds after which a curl command of a script ends. */
const maxSeconds = timeLimit(9_000) / 1_000;

/** The result of a curl command. */
interface CurlResult {
  /** The program that sent the request. */
  readonly with: 'curl' | 'fetch';
  /** The parsed body of the response. */
  readonly body: unknown;
}

/** Returns whether curl is installed. */
export const hasCurl = async () => (await run(['sh', '-c', 'command -v curl'])).code === 0;

/** Runs scripts, each of which ends with a curl command, one after the other. Returns the last status of each. */
export async function runCurlScripts(
  scripts: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<(string | undefined)[]> {
  const all = scripts.map((script) => `(\n${script} --silent --max-time ${maxSeconds}; echo; )\necho ---`);
  const { stdout } = await run(['sh', '-c', all.join('\n')], { env });
  const texts = stdout.split('\n---\n').slice(0, -1);
  // A response to a large body starts with `100 Continue`.
  return texts.map((text) => [...text.matchAll(/^HTTP\/[\d.]+ (\d+)/gm)].at(-1)?.[1]);
}

/** Runs a curl command in a shell. Without an installed curl, sends the same request with `fetch`. */
export async function runCurlCommand(command: string): Promise<CurlResult> {
  if (await hasCurl()) return { with: 'curl', body: JSON.parse((await run(['sh', '-c', command])).stdout) };
  const options = [...command.matchAll(/--([\w-]+) (?:'([^']*)'|"([^"]*)"|(\S+))/g)];
  const listValues = (name: string) =>
    options.filter(([, option]) => option === name).map(([, , single, double, bare]) => single ?? double ?? bare ?? '');
  const [method, [url = ''], [body]] = [listValues('request')[0], listValues('url'), listValues('data')];
  const target = new URL(url);
  for (const field of listValues('data-urlencode')) {
    const [name = '', value = ''] = field.split(/=(.*)/s);
    target.searchParams.append(name, value);
  }
  const headers = listValues('header').map((header) => header.split(/: (.*)/).slice(0, 2) as [string, string]);
  const response = await fetch(target, { method, headers, body });
  return { with: 'fetch', body: await response.json() };
}
