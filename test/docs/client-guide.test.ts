// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint, listExports, referenceFile } from '../../openapi/docs/exports.ts';
import { checkTypes, root } from '../helpers/process.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { context, contextFile, renderProgram, renderRunner } from './example-programs.ts';

const guide = await readFile(join(root, 'client/README.md'), 'utf8');
const { exports: entries, name } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const parts = [
  'openapi',
  'generated',
  'server',
  'client',
  'test/conformance',
  'test/store-tests',
  'tsconfig.json',
  'package.json',
];

/** The programs of the guide, by the heading above them. */
const programs = guide.split(/^## /m).flatMap((section) => {
  const [, source] = /^```ts\n(.*?)^```/ms.exec(section) ?? [];
  return source === undefined ? [] : [{ heading: section.split('\n')[0] ?? '', source }];
});

/** Returns the file of an entry of the package in the repository. */
const fileOf = (entry: string) =>
  `./${(entries[entry.replace(name, '.')].default as string).replace('./dist/package/', '').replace('.js', '.ts')}`;
const fileName = (index: number) => `program-${index}.ts`;

const symbols = listExports(root, entries);
/** The programs with the examples of doc comments, by entry. */
const examplePrograms = [...new Set(symbols.map(({ entry }) => entry))].map((entry, index) => ({
  file: `examples-${index}.ts`,
  source: renderProgram(entry, symbols, entries),
}));
const exampleFiles = examplePrograms.map(({ file }) => file);

let copy: ProjectCopy;
let server: TestServer;
beforeAll(async () => {
  [copy, server] = await Promise.all([copyProject(...parts), startServer()]);
  for (const [index, { source }] of programs.entries()) {
    const text = source
      .replaceAll(new RegExp(`'(${name}[\\w/-]*)'`, 'g'), (_, entry) => `'${fileOf(entry)}'`)
      .replaceAll('http://127.0.0.1:3000', server.url);
    await copy.write(fileName(index), text);
  }
  for (const { file, source } of examplePrograms) await copy.write(file, source);
  await copy.write(contextFile, context);
  await copy.write('run-examples.ts', renderRunner(exampleFiles.map((file) => `./${file}`)));
});
afterAll(() => Promise.all([copy, server].map((each) => each[Symbol.asyncDispose]())));

test('every export has an example', () => {
  const without = symbols.filter(({ examples }) => examples.every((code) => code === ''));
  expect(without.map(({ entry, name: symbol }) => `${entry} ${symbol}`)).toEqual([]);
});

test('the programs and the examples compile', async () => {
  const { include: _, ...settings } = JSON.parse(await copy.read('tsconfig.json'));
  const compilerOptions = { ...settings.compilerOptions, noUnusedLocals: false };
  const include = [...programs.map((_, at) => fileName(at)), ...exampleFiles];
  await copy.write('tsconfig.json', JSON.stringify({ compilerOptions, include }));
  expect(await copy.run(checkTypes)).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe.concurrent('the program runs of', () => {
  test.each(programs.map(({ heading, source }, index) => ({ heading, source, index })))(
    '$heading',
    async ({ source, index }) => {
      const { code, stdout, stderr } = await copy.run(['node', fileName(index)], { env: { API_TOKEN: server.token } });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      // Comments behind `console.log` say what it prints.
      for (const [, printed = ''] of source.matchAll(/console\.log\(.*\); \/\/ (\[.*\]|\d+)$/gm)) {
        expect(stdout).toContain(printed.replace(/^\['/, "[ '").replace(/'\]$/, "' ]"));
      }
    },
  );
});

test('the examples run', async () => {
  const { code, stdout, stderr } = await copy.run(['node', 'run-examples.ts']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({});
});

test('the reference of the TypeScript API is up to date', async () => {
  const reference = await readFile(join(root, referenceFile), 'utf8');
  expect(reference.split('\n')[0], 'run `npm run generate`').toContain(fingerprint(symbols));
  for (const { name: symbol } of symbols) expect(reference, symbol).toMatch(new RegExp(`^### ${symbol}\\b`, 'm'));
});

test('the guide names everything that the client exports', async () => {
  const { ...exported } = await import('../../client/index.ts');
  for (const one of ['createOAuthAppsClient', 'ProblemError', 'ConnectionError', 'TimeoutError', 'isProvider']) {
    expect(Object.keys(exported)).toContain(one);
    expect(guide).toContain(one);
  }
});
