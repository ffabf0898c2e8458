// @databases none
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareSurfaces } from '../../openapi/diff/compare-declarations.ts';
import { compile, readSurface, type Sources } from '../../openapi/diff/declarations.ts';
import { Findings, type Rating } from '../../openapi/diff/finding.ts';
import { declarationEdits, packageSource } from './diff-declaration-edits.ts';

const fileOf = (index: number) => `package-${index}.ts`;
let folder: string;
let sources: Sources;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'oauth-apps-declarations-')));
  const compilerOptions = { target: 'es2022', lib: ['es2022'], strict: true, types: [], module: 'esnext' };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const texts = [packageSource, ...declarationEdits.map(({ edit }) => edit(packageSource))];
  await Promise.all(texts.map((text, index) => writeFile(join(folder, fileOf(index)), text)));
  // One program for all versions of the package: most of the time goes into the library of the language.
  sources = compile(folder, [...texts.keys()].map(fileOf));
});
afterAll(() => rm(folder, { recursive: true }));

/** Compares the package before and after an edit. */
function rate(index: number) {
  const findings = new Findings();
  const [before, after] = [0, index + 1].map((at) => readSurface(sources, { '.': fileOf(at) }));
  if (before && after) compareSurfaces(before, after, findings);
  return findings.list();
}

describe('the rating of a change of the declarations', () => {
  it.each(declarationEdits.map(({ name, rating }, index) => [rating, name, index] as const))(
    'is %s for %s',
    (rating, _, index) => {
      const findings = rate(index);
      expect(findings[0]?.rating, JSON.stringify(findings)).toBe(rating satisfies Rating | undefined);
      for (const finding of findings) if (finding.rating === 'major') expect(finding.reason).toBeTruthy();
    },
  );

  it('is of edits that compile', () => {
    const { program } = sources;
    const errors = [...declarationEdits.keys(), -1].flatMap((index) => {
      const file = program.getSourceFile(join(folder, fileOf(index + 1)));
      return program.getSemanticDiagnostics(file).map(({ messageText }) => [index, messageText]);
    });
    expect(errors).toEqual([]);
  });
});
