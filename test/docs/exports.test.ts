// @databases none
/**
 * Every export has an example that compiles and runs, and is in the reference of the TypeScript API. The programs of all
 * documents compile with the examples, because one run of the compiler costs less than two.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { QueryClient } from '@tanstack/query-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fingerprint, listExports, referenceFile } from '../../openapi/docs/exports.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { openStore } from '../../server/store/open-store.ts';
import { example } from '../helpers/examples.ts';
import { root } from '../helpers/process.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { programs as docPrograms } from './doc-programs.ts';
import { type Example, renderProgram } from './example-programs.ts';
import { makeProgramFolder, type ProgramFolder } from './programs.ts';
import { listSamples, sampleWithWrongValue } from './sample-cases.ts';

const { exports: entries } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const symbols = listExports(root, entries);
const programs = new Map(
  [...new Set(symbols.map(({ entry }) => entry))].map((entry) => [entry, renderProgram(entry, symbols)]),
);

let folder: ProgramFolder;
let server: TestServer;
beforeAll(async () => {
  [folder, server] = await Promise.all([makeProgramFolder(), startServer()]);
});
afterAll(() => Promise.all([folder, server].map((each) => each[Symbol.asyncDispose]())));

test('every export has an example', () => {
  const without = symbols.filter(({ examples }) => !examples.some((code) => code !== ''));
  expect(without.map(({ entry, name }) => `${entry} ${name}`)).toEqual([]);
});

test('every member of an export has words', () => {
  // Types in the shape of openapi-typescript have those of the description.
  const shapes = ['paths', 'components', 'operations'];
  const without = symbols
    .filter(({ name }) => !shapes.includes(name))
    .flatMap((one) => one.undescribed.map((member) => `${one.file} ${one.name}.${member}`));
  expect([...new Set(without)]).toEqual([]);
});

test('every program compiles but one with a wrong value', async () => {
  const samples = [...listSamples(), sampleWithWrongValue].filter(({ sample }) => sample.extension === 'ts');
  const sources = new Map([
    ...[...programs].map(([entry, source]) => [`example of ${entry}`, source] as const),
    ...docPrograms.map(({ name, source }) => [name, source] as const),
    ...samples.map(({ name, sample }) => [name, sample.source] as const),
  ]);
  const errors = await folder.checkTypes(sources);
  // An example may declare what it does not use.
  const isUnused = (line: string) => /^example of .* error TS61(33|92|96|98):/.test(line);
  const wrong = expect.stringMatching(/^wrong\.createOAuthApp\.Client.*"myspace"/);
  expect(errors.filter((line) => !isUnused(line))).toEqual([wrong]);
});

/** Opens what examples use. */
async function openContext() {
  const { client, token, url: baseUrl } = server;
  const app = await client.createOAuthApp(example('CreateOAuthApp'));
  const error = await client.getOAuthApp('unknown').catch((thrown: unknown) => thrown);
  const [store, keyRing] = [await openStore('sqlite::memory:'), loadKeyRing(makeKeyLine(new Date()), new Date())];
  const shared = { log: createLog('silent'), queryClient: new QueryClient(), form: { name: '' }, words: {} };
  return { app, baseUrl, client, error, id: app.id, keyRing, store, token, ...shared };
}

/** Runs an example. Returns why it is wrong: its error, or what it should have printed. */
async function findFault({ run, code }: Example, context: object): Promise<string | undefined> {
  const printed: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(format(...values)));
  const error = await run(context).then(
    () => undefined,
    (thrown: unknown) => String(thrown),
  );
  spy.mockRestore();
  const expected = [...code.matchAll(/console\.log\(.*\);? \/\/ (\S+)$/gm)].map(([, text = '']) => text);
  const missing = expected.filter((text) => !printed.includes(text));
  return error ?? (missing.length > 0 ? `printed ${printed.join(', ')}, not ${missing.join(', ')}` : undefined);
}

// Those declare tests, which none can within another. `contract/conformance-adapters.test.ts` runs them.
const declareTests = /^(?:testConformance|testStore)$/;

test('the examples run', async () => {
  const context = await openContext();
  const faults: string[] = [];
  for (const [entry, source] of programs) {
    const { examples } = (await import(pathToFileURL(await folder.write(source)).href)) as { examples: Example[] };
    for (const one of examples.filter(({ name }) => !declareTests.test(name))) {
      const fault = await findFault(one, context);
      if (fault !== undefined) faults.push(`${entry} ${one.name}: ${fault}`);
    }
  }
  await context.store.close();
  expect(faults).toEqual([]);
});

test('the reference has every export as it is', async () => {
  const reference = await readFile(join(root, referenceFile), 'utf8');
  expect(reference.split('\n')[0], 'run `npm run generate`').toContain(fingerprint(symbols));
  for (const { name } of symbols) expect(reference, name).toMatch(new RegExp(`^### ${name}\\b`, 'm'));
});
