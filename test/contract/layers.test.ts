// @databases none
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../helpers/process.ts';
import { findViolations, layers, listImports, type Sources } from './layers.ts';

const folders = ['client', 'generated', 'openapi', 'server', 'test'];

/** Reads every TypeScript file of the project. */
async function readSources(): Promise<Sources> {
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: true });
      return names.map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
    }),
  );
  const paths = lists.flat().filter((path) => /\.[cm]?tsx?$/.test(path));
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
  );
}

describe('dependency rules', () => {
  let sources: Sources;
  beforeAll(async () => {
    sources = await readSources();
  });

  it.each(layers)('hold: $name', (layer) => {
    expect(findViolations(layer, sources)).toEqual([]);
  });

  it.each(layers)('detect a violation: $name', (layer) => {
    const [path, source] = layer.violation;
    const changed = new Map(sources).set(path, source);
    expect(findViolations(layer, changed)).toEqual([expect.stringMatching(`^${path} (→|mentions) `)]);
  });

  it('see every form of import', () => {
    const source = [
      "import type { A } from './a.ts';",
      "import './b.ts';",
      "export * from '../c.ts';",
      "const d = await import('./d.ts');",
      "type E = import('./e.ts').E;",
      "const text = `import './not-this.ts'`;",
      "// import './nor-this.ts';",
      "import express from 'express';",
    ].join('\n');
    const seen = ['server/a.ts', 'server/b.ts', 'c.ts', 'server/d.ts', 'server/e.ts', 'express'];
    expect(listImports('server/x.ts', source).sort()).toEqual(seen.sort());
  });

  it('are checked in every folder of the project', () => {
    const expected = ['client/index.ts', 'generated/client.ts', 'openapi/generate.ts', 'server/store/store.ts'];
    expect([...sources.keys()]).toEqual(expect.arrayContaining(expected));
  });
});
