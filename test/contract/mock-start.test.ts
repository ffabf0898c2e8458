// @databases none
/** The mock loads what its first responses need. Its time is asserted in the long form. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { delayModules } from '../../server/commands/lazy-modules.ts';
import { rarelyUsed } from '../../server/commands/prism.ts';
import { root, startProcess } from '../helpers/process.ts';
import { isSoak } from '../helpers/soak.ts';
import { installPackage } from './installed-package.ts';

const prism = '@stoplight/prism-cli';

describe('a delayed module', () => {
  let folder: string;
  const load = () => createRequire(join(folder, 'main.js'));
  const loaded = globalThis as { loadedModules?: string[] };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oauth-apps-lazy-'));
    const main = "const part = require('./part.js'); exports.read = () => new part.Text(part.text).value;";
    const part =
      "(globalThis.loadedModules ??= []).push('part'); exports.text = 'x'; exports.Text = class { constructor(value) { this.value = value; } };";
    await mkdir(join(folder, 'node_modules/owner'), { recursive: true });
    for (const [name, text] of Object.entries({ 'package.json': '{}', 'main.js': main, 'part.js': part })) {
      await writeFile(join(folder, 'node_modules/owner', name), text);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('loads once, when an export is first read', () => {
    delayModules(load(), [['owner', './part.js']]);
    const owner = load()('owner/main.js');
    expect(loaded.loadedModules).toBeUndefined();
    expect([owner.read(), owner.read()]).toEqual(['x', 'x']);
    expect(loaded.loadedModules).toEqual(['part']);
    delete loaded.loadedModules;
  });

  test('is left out where it does not exist', () => {
    expect(
      delayModules(load(), [
        ['owner', './other.js'],
        ['nothing', './part.js'],
      ]),
    ).toEqual([]);
  });
});

test('the installed Prism has every delayed module', () => {
  expect(
    delayModules(createRequire(createRequire(import.meta.url).resolve(`${prism}/package.json`)), rarelyUsed),
  ).toHaveLength(rarelyUsed.length);
});

// Four times the time that it takes on a machine without other work.
const limitMilliseconds = 1_000;
const rounds = 5;

describe.runIf(isSoak)('the mock responds within a second', () => {
  /** Returns the shortest time from the start to a response: other work of the machine only adds to it. */
  async function measure(words: readonly string[], cwd: string): Promise<number> {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      await using mock = await startProcess(words, /listening on (http:\S+)\s/, { cwd });
      const headers = { Authorization: 'Bearer YOUR_API_TOKEN' };
      expect((await fetch(`${mock.match[1]}/v1/oauth-apps`, { headers })).status).toBe(200);
      times.push(Math.round(performance.now() - start));
    }
    console.log(`mock: ${words.join(' ')} responded ${times.join(', ')} ms after the spawn`);
    return Math.min(...times);
  }

  test('in the repository', async () => {
    expect(await measure(['node', 'server/bin.js', 'mock', '--port', '0'], root)).toBeLessThan(limitMilliseconds);
  });

  test('in the installed package', async () => {
    await using installed = await installPackage();
    await installed.add(prism);
    const words = ['node', 'node_modules/.bin/oauth-apps', 'mock', '--port', '0'];
    expect(await measure(words, installed.folder)).toBeLessThan(limitMilliseconds);
  });
});
