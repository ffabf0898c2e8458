import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, startProcess } from './process.ts';

/** Returns the command of `npm run mock` with a free port. */
async function mockCommand(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const words: string[] = scripts.mock.split(' ');
  const port = words.indexOf('--port') + 1;
  if (port === 0) throw new Error('npm run mock has no --port');
  return words.with(port, '0');
}

/** Starts the mock with the command of `npm run mock`. Dispose of it with `await using`. */
export async function startMock(cwd = root) {
  const mock = await startProcess(await mockCommand(), /listening on (http:\S+)\s/, { cwd });
  const url = mock.match[1] ?? '';
  return {
    url,
    /** Sends a request with a token, and a body as JSON. `init.headers` takes precedence. */
    fetch(path: string, init: RequestInit = {}): Promise<Response> {
      const headers = new Headers({ Authorization: 'Bearer YOUR_API_TOKEN' });
      if (init.body) headers.set('Content-Type', 'application/json');
      for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
      return fetch(new URL(path, url), { ...init, headers });
    },
    [Symbol.asyncDispose]: mock[Symbol.asyncDispose],
  };
}
