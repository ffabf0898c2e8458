/** Makes programs of the examples in the doc comments of what the package exports. */
import { type ExportedSymbol, sourceOf } from '../../openapi/docs/exports.ts';

/** The file that has the values which examples use: a client, a store, a server. */
export const contextFile = 'examples-context.ts';

const clientEntries = ['.', './validators', './msw', './react-query', './server', './conformance', './store-tests'];

const fileOf = (entry: string, entries: Readonly<Record<string, unknown>>) => `./${sourceOf(entries[entry])}`;

/** Returns the imports of an entry, and of those names of other entries that it does not have. */
function renderImports(
  entry: string,
  symbols: readonly ExportedSymbol[],
  entries: Readonly<Record<string, unknown>>,
): string {
  const taken = new Set<string>();
  const lines = [entry, ...clientEntries].map((from) => {
    const names = symbols.filter((symbol) => symbol.entry === from && !taken.has(symbol.name));
    for (const { name } of names) taken.add(name);
    const words = names.map(({ name, isType }) => (isType ? `type ${name}` : name));
    return words.length === 0 ? '' : `import { ${words.join(', ')} } from '${fileOf(from, entries)}';\n`;
  });
  return lines.join('');
}

/** Declares tests, so that it cannot run within one. The tests of the adapters run it. */
const declaresTests = (code: string) => /^test(?:Conformance|Store)\(/.test(code);

/** Returns an example that sends to the server of the context what would go elsewhere. */
const atContext = (code: string) =>
  code
    .replaceAll(/'(?:https:\/\/api\.sequin\.io|http:\/\/127\.0\.0\.1:3000)'/g, 'context.baseUrl')
    .replaceAll("'YOUR_API_TOKEN'", 'context.token');

/** Returns the program of an entry: a function for each example, by the name of its symbol. */
export function renderProgram(
  entry: string,
  symbols: readonly ExportedSymbol[],
  entries: Readonly<Record<string, unknown>>,
): string {
  const own = symbols.filter((symbol) => symbol.entry === entry);
  const functions = own.flatMap(({ name, examples }) =>
    examples.map((code, index) => {
      const context =
        'const { app, baseUrl, client, error, form, id, keyRing, log, queryClient, store, token, words } = context;';
      const isRun = !declaresTests(code);
      return `  ${JSON.stringify(`${name} ${index + 1}`)}: { isRun: ${isRun}, code: ${JSON.stringify(code)}, run: async (context: Context) => {
    ${context}
    {
      ${atContext(code)}
    }
  } },\n`;
    }),
  );
  return `import { Readable } from 'node:stream';
import express from 'express';
import { setupServer } from 'msw/node';
import type { Context, Examples } from './${contextFile}';
${renderImports(entry, symbols, entries)}
export const examples: Examples = {\n${functions.join('')}};\n`;
}

/** Returns the file that opens what examples use, and the program that runs all of them. */
export const context = `import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { QueryClient } from '@tanstack/query-core';
import { createOAuthAppsClient } from './client/index.ts';
import { createApp, createLog, hashToken, loadKeyRing, makeKeyLine, mintToken, openStore } from './server/index.ts';

export async function openContext() {
  const [store, log] = [await openStore('sqlite::memory:'), createLog('silent')];
  const keyRing = loadKeyRing(makeKeyLine(new Date()), new Date());
  const token = mintToken();
  const scopes = ['read', 'write', 'reveal'];
  await store.addToken({ id: 'context', accountId: 'acme', hash: hashToken(token), scopes, createdAt: '2026-01-01T00:00:00Z' });
  const server = createServer(await createApp({ store, keyRing, log })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = \`http://127.0.0.1:\${(server.address() as AddressInfo).port}\`;
  const client = createOAuthAppsClient({ baseUrl, token });
  const app = await client.createOAuthApp({ provider: 'stripe', client_id: 'a', client_secret: 'b', name: 'c' });
  const error = await client.getOAuthApp('unknown').catch((thrown: unknown) => thrown);
  const form: unknown = { name: '' };
  const words: Readonly<Record<string, string>> = {};
  const queryClient = new QueryClient();
  const close = () => server.close().closeAllConnections();
  return { app, baseUrl, client, close, error, form, id: app.id, keyRing, log, queryClient, store, token, words };
}

export type Context = Awaited<ReturnType<typeof openContext>>;
export type Examples = Readonly<Record<string, { isRun: boolean; code: string; run: (context: Context) => Promise<unknown> }>>;
`;

export const renderRunner = (files: readonly string[]): string => `import { format } from 'node:util';
import { openContext } from './${contextFile}';
const results: Record<string, string> = {};
const context = await openContext();
const { log } = console;
for (const file of ${JSON.stringify(files)}) {
  const { examples } = await import(file);
  for (const [name, { isRun, code, run }] of Object.entries<any>(examples)) {
    if (!isRun) continue;
    const printed: string[] = [];
    console.log = (...values) => void printed.push(format(...values));
    const failure = await run(context).then(() => '', (error: unknown) => String(error));
    console.log = log;
    const missing = [...code.matchAll(/console\\.log\\(.*\\);? \\/\\/ (\\S+)$/gm)].filter(([, text = '']) => !printed.includes(text));
    const wrong = missing.map(([, text]) => \`prints \${printed.join(' | ')}, not \${text}\`).join();
    if (failure || wrong) results[\`\${file} \${name}\`] = failure || wrong;
  }
}
context.close();
await context.store.close();
console.log(JSON.stringify(results));
`;
