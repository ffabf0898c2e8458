// @databases none
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../helpers/process.ts';
import { description } from '../helpers/server.ts';
import { rejections } from './rejections.ts';

/** The folders of the server whose code never has a request. */
const others = ['commands', 'keys', 'process', 'store'];
const folders = (await readdir(join(root, 'server'), { withFileTypes: true })).filter((one) => one.isDirectory());
/** The folders and files whose code rejects requests. */
const places = [
  ...folders.filter(({ name }) => !others.includes(name)).map(({ name }) => `server/${name}`),
  ...['server/problem.ts', 'server/app.ts', 'server/handlers.ts'],
];
const runtime = ['generated/validation.ts', 'generated/strict-json.ts'];

async function listFiles(place: string): Promise<string[]> {
  if (place.endsWith('.ts')) return [place];
  return (await readdir(join(root, place))).map((name) => `${place}/${name}`);
}

/** Finds the rejections of code: the names of problems, summaries of cases, and reasons of fields. */
function findRejections(code: string): string[] {
  const withoutComments = code.replaceAll(/^ *(?:\/?\*|\/\/).*$/gm, '');
  return [
    ...withoutComments.matchAll(/\breject\('[A-Za-z]+'/g),
    ...withoutComments.matchAll(/(?<=summary: ')[^']+/g),
    ...withoutComments.matchAll(/(?<=['`])(?:must|has a name)\b(?! match)[^'`]+(?=['`])/g),
    ...withoutComments.matchAll(/(?<=: ')(?:HeadersTooLarge|RequestTimeout)(?=')/g),
  ].map(([text]) => text);
}

test('every rejection of the server has a sentence in the description', async () => {
  const files = [...(await Promise.all(places.map(listFiles))).flat(), ...runtime];
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  const found = new Set(texts.flatMap(findRejections));
  expect([...found].sort()).toEqual(Object.keys(rejections).sort());
  const words = description.replaceAll(/(?:\\n|\s)+/g, ' ');
  expect(Object.values(rejections).filter((sentence) => !words.includes(sentence))).toEqual([]);
});
