import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { findFile } from '../process/package-files.ts';
import { runProgram } from './child.ts';
import { type Command, readPort } from './command.ts';

/** The package that builds the page. */
export const redocly = '@redocly/cli';
const defaultOutput = 'oauth-apps-docs';
/** The files by path, as the server has them. */
const pages: readonly [path: string, { file: string; type: string }][] = [
  ['/', { file: 'index.html', type: 'text/html' }],
  ['/docs.md', { file: 'docs.md', type: 'text/markdown' }],
  ['/typescript.md', { file: 'typescript.md', type: 'text/markdown' }],
  ['/llms.txt', { file: 'llms.txt', type: 'text/plain' }],
];

/** The page has its own policy. Only headers can forbid frames and guesses of the type. */
const pageHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
};

/** Finds the program that builds the docs: its source in the repository, its build in the installed package. */
const findBuilder = () => findFile(`openapi/docs${extname(import.meta.filename)}`);

/** Builds the docs. Returns the exit code of the program that does. */
export const buildDocs = (output: string): Promise<number> =>
  runProgram(process.execPath, [findBuilder(), '--output', output]);

/** Serves the docs in a folder until SIGTERM or SIGINT. */
async function serveDocs(folder: string, port: number, say: (line: string) => void): Promise<void> {
  const read = async ([path, { file, type }]: (typeof pages)[number]) =>
    [path, { type, text: await readFile(join(folder, file)) }] as const;
  const files = new Map(await Promise.all(pages.map(read)));
  const server = createServer(({ url = '' }, res) => {
    const file = files.get(url);
    if (file === undefined) res.writeHead(404).end();
    else res.writeHead(200, { ...pageHeaders, 'Content-Type': `${file.type}; charset=utf-8` }).end(file.text);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  say(`Docs  http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  server.close();
  server.closeAllConnections();
}

export const docs: Command = {
  name: 'docs',
  summary: 'Writes the docs, a page that works offline and the same as Markdown, or serves them.',
  packages: [redocly],
  help: [
    ['--output F', `the folder to write to (default: ${defaultOutput})`],
    ['--port N', 'serve the docs there until it is stopped, 0 for any free port'],
  ],
  examples: ['docs --output docs', 'docs --port 8000'],
  async run({ options, say }) {
    const port = readPort(options.port);
    if (port === undefined) return buildDocs(String(options.output ?? defaultOutput));
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-docs-'));
    try {
      const output = String(options.output ?? folder);
      const code = await buildDocs(output);
      if (code !== 0) return code;
      await serveDocs(output, port, say);
      return 0;
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
