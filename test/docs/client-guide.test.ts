// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTypes, root } from '../helpers/process.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const guide = await readFile(join(root, 'client/README.md'), 'utf8');
const { exports: entries, name } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const parts = ['openapi', 'generated', 'server', 'client', 'test/conformance', 'tsconfig.json', 'package.json'];

/** The programs of the guide, by the heading above them. */
const programs = guide.split(/^## /m).flatMap((section) => {
  const [, source] = /^```ts\n(.*?)^```/ms.exec(section) ?? [];
  return source === undefined ? [] : [{ heading: section.split('\n')[0] ?? '', source }];
});

/** Returns the file of an entry of the package in the repository. */
const fileOf = (entry: string) =>
  `./${(entries[entry.replace(name, '.')].default as string).replace('./dist/package/', '').replace('.js', '.ts')}`;
const fileName = (index: number) => `program-${index}.ts`;

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
});
afterAll(() => Promise.all([copy, server].map((each) => each[Symbol.asyncDispose]())));

test('the programs compile', async () => {
  const { include: _, ...settings } = JSON.parse(await copy.read('tsconfig.json'));
  await copy.write('tsconfig.json', JSON.stringify({ ...settings, include: programs.map((_, at) => fileName(at)) }));
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

test('the guide names everything that the client exports', async () => {
  const { ...exported } = await import('../../client/index.ts');
  for (const one of ['createOAuthAppsClient', 'ProblemError', 'ConnectionError', 'TimeoutError', 'isProvider']) {
    expect(Object.keys(exported)).toContain(one);
    expect(guide).toContain(one);
  }
});
