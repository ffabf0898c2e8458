import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, startProcess } from './process.ts';

/** The words of `npm run mock`, for a port that is free. */
async function mockCommand(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const words: string[] = scripts.mock.split(' ');
  const port = words.indexOf('--port') + 1;
  if (port === 0) throw new Error('npm run mock names no --port');
  return words.with(port, '0');
}

/** The mock as `npm run mock` starts it, of the project or of a copy. Dispose of it with `await using`. */
export async function startMock(cwd = root) {
  const mock = await startProcess(await mockCommand(), /listening on (http:\S+)\s/, { cwd });
  const url = mock.match[1] ?? '';
  return {
    url,
    /** Sends a request, with a token unless `init.headers` says otherwise; a `body` is declared as JSON. */
    fetch(path: string, init: RequestInit = {}): Promise<Response> {
      const headers = new Headers({ Authorization: 'Bearer YOUR_API_TOKEN' });
      if (init.body) headers.set('Content-Type', 'application/json');
      for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
      return fetch(new URL(path, url), { ...init, headers });
    },
    [Symbol.asyncDispose]: mock[Symbol.asyncDispose],
  };
}
