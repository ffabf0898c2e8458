import { run } from './process.ts';

/** The result of a curl command. */
interface CurlResult {
  /** The program that sent the request. */
  readonly with: 'curl' | 'fetch';
  /** The parsed body of the response. */
  readonly body: unknown;
}

/** Runs a curl command in a shell. Without an installed curl, sends the same request with `fetch`. */
export async function runCurlCommand(command: string): Promise<CurlResult> {
  const { code } = await run(['sh', '-c', 'command -v curl']);
  if (code === 0) return { with: 'curl', body: JSON.parse((await run(['sh', '-c', command])).stdout) };
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
