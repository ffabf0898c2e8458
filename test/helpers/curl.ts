import { run } from './process.ts';

/** How a curl command was tried, and the answer to it. */
interface CurlResult {
  readonly with: 'curl' | 'fetch';
  readonly body: unknown;
}

/** Runs a curl command as pasted into a shell; where there is no curl, sends what it says. */
export async function runCurlCommand(command: string): Promise<CurlResult> {
  const { code } = await run(['sh', '-c', 'command -v curl']);
  if (code === 0) return { with: 'curl', body: JSON.parse((await run(['sh', '-c', command])).stdout) };
  const options = [...command.matchAll(/--([\w-]+) (?:'([^']*)'|"([^"]*)"|(\S+))/g)];
  const valuesOf = (name: string) =>
    options.filter(([, option]) => option === name).map(([, , single, double, bare]) => single ?? double ?? bare ?? '');
  const [method, [url = ''], [body]] = [valuesOf('request')[0], valuesOf('url'), valuesOf('data')];
  const target = new URL(url);
  for (const field of valuesOf('data-urlencode')) {
    const [name = '', value = ''] = field.split(/=(.*)/s);
    target.searchParams.append(name, value);
  }
  const headers = valuesOf('header').map((header) => header.split(/: (.*)/).slice(0, 2) as [string, string]);
  const response = await fetch(target, { method, headers, body });
  return { with: 'fetch', body: await response.json() };
}
