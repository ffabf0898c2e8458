/** Makes programs of the examples in the doc comments of what the package exports. */
import type { ExportedSymbol } from '../../openapi/docs/exports.ts';
import { shownServer } from './programs.ts';

/** The example of an export. */
export interface Example {
  readonly name: string;
  readonly code: string;
  run(context: object): Promise<unknown>;
}

const packageName = 'oauth-apps-contract';
const otherEntries = ['.', './validators', './msw', './react-query', './server', './conformance', './store-tests'];

/** The values that examples use, with their types. */
const context = `type Context = {
  app: import('${packageName}').OAuthApp;
  baseUrl: string;
  client: import('${packageName}').OAuthAppsClient;
  error: unknown;
  form: unknown;
  id: string;
  keyRing: import('${packageName}/server').KeyRing;
  log: import('${packageName}/server').Log;
  queryClient: QueryClient;
  store: import('${packageName}/server').Store;
  token: string;
  words: Readonly<Record<string, string>>;
};`;
const contextNames = [...context.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name).join(', ');

/** Returns the imports of an entry, and of those names of other entries that it does not have. */
function renderImports(entry: string, symbols: readonly ExportedSymbol[]): string {
  const taken = new Set<string>();
  const lines = [entry, ...otherEntries].map((from) => {
    const names = symbols.filter((symbol) => symbol.entry === from && !taken.has(symbol.name));
    for (const { name } of names) taken.add(name);
    const words = names.map(({ name, isType }) => (isType ? `type ${name}` : name));
    return words.length === 0 ? '' : `import { ${words.join(', ')} } from '${from.replace('.', packageName)}';\n`;
  });
  return lines.join('');
}

/** Returns an example that sends to the server of the context what would go elsewhere. */
const point = (code: string) =>
  code
    .replaceAll("'https://api.sequin.io'", 'context.baseUrl')
    .replaceAll(`'${shownServer}'`, 'context.baseUrl')
    .replaceAll("'YOUR_API_TOKEN'", 'context.token');

/** Returns the program of an entry, which exports its examples. */
export function renderProgram(entry: string, symbols: readonly ExportedSymbol[]): string {
  const functions = symbols
    .filter((symbol) => symbol.entry === entry)
    .flatMap(({ name, examples }) => examples.map((code) => ({ name, code })))
    .map(
      ({ name, code }) => `  {
    name: ${JSON.stringify(name)},
    code: ${JSON.stringify(code)},
    run: async (context: Context) => {
      const { ${contextNames} } = context;
      {
        ${point(code)}
      }
    },
  },\n`,
    );
  return `import { Readable } from 'node:stream';
import { QueryClient } from '@tanstack/query-core';
import express from 'express';
import { setupServer } from 'msw/node';
${renderImports(entry, symbols)}
${context}
export const examples = [\n${functions.join('')}];\n`;
}
