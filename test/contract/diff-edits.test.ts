// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareBundles } from '../../openapi/diff/compare.ts';
import { ratings } from '../../openapi/diff/finding.ts';
import { root } from '../helpers/process.ts';
import { edit } from './diff-bundles.ts';
import { ratedEdits } from './diff-edits.ts';
import { renderRules } from './diff-rules.ts';
import { bundle } from './documented.ts';

/** Compares the bundle before and after an edit. */
function rate({ base, edits }: (typeof ratedEdits)[number]) {
  const older = edit(bundle, ...base);
  return compareBundles(older, edit(older, ...edits));
}

describe('the rating of single edits', () => {
  // One test for each rating, because a test for each edit costs more than the comparison.
  it.each(ratings)('is %s where it has to be', (rating) => {
    const own = ratedEdits.filter((one) => one.rating === rating);
    const rated = own.map((one) => ({ name: one.name, findings: rate(one) }));
    const wrong = rated.filter(({ findings }) => findings[0]?.rating !== rating);
    console.log(`diff: ${own.length} edits are ${rating}, ${wrong.length} of them rated otherwise`);
    expect(wrong).toEqual([]);
    const unexplained = rated
      .flatMap(({ findings }) => findings)
      .filter((one) => one.rating === 'major' && !one.reason);
    expect(unexplained).toEqual([]);
  });

  it('is held by enough different edits', () => {
    const names = ratedEdits.map(({ name, rating }) => `${name} ${rating}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(590);
  });
});

it('the rules in CONTRIBUTING are those of the comparison', async () => {
  const contributing = await readFile(join(root, '.github/CONTRIBUTING.md'), 'utf8');
  expect(contributing).toContain(renderRules());
});
