// @databases none
/** A second resource takes few lines, and gets every guarantee of the first. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProjectCopy } from '../helpers/project-copy.ts';
import { copyWithSibling, fixture } from '../helpers/sibling-copy.ts';
import { isSoak } from '../helpers/soak.ts';
import { takeCommands } from '../helpers/take-commands.ts';
import { readWalk } from '../helpers/walks.ts';

/** The lines of TypeScript that a second resource may take. */
const maxLines = 250;

const countLines = (text: string) => text.trimEnd().split('\n').length;

/** Counts the hand-written lines of TypeScript of the resource by file. */
function countOwnLines(): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const name of readdirSync(join(fixture, 'server'), { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.ts'))
      lines.set(`server/${name}`, countLines(readFileSync(join(fixture, 'server', name), 'utf8')));
  const edits = readWalk('Add a resource')
    .flat()
    .flatMap((part) => part.edits);
  for (const { file, from = '', to } of edits.filter((edit) => edit.file.endsWith('.ts'))) {
    const before = from.split('\n');
    const added = to.split('\n').filter((line) => !before.includes(line)).length;
    lines.set(file, (lines.get(file) ?? 0) + added);
  }
  return lines;
}

test('a second resource takes at most 250 lines of TypeScript', () => {
  const lines = countOwnLines();
  const total = [...lines.values()].reduce((sum, count) => sum + count, 0);
  console.log(`second resource: ${total} lines in ${lines.size} files: ${JSON.stringify(Object.fromEntries(lines))}`);
  expect(total).toBeLessThanOrEqual(maxLines);
  expect(total).toBeGreaterThan(100);
});

describe.runIf(isSoak)('a copy with a second resource, added by the walk,', () => {
  let copy: ProjectCopy;
  beforeAll(async () => {
    copy = await copyWithSibling(takeCommands);
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  test('passes the check', async () => {
    const { code, stdout } = await copy.run(['node', 'test/check.ts']);
    expect(code, stdout).toBe(0);
  });

  test.each(['sqlite', 'postgres'])('passes its tests on %s', async (database) => {
    const files = [
      'contract/conformance',
      'store',
      'operations',
      'server/accounts',
      'server/canaries',
      'server/rotation',
    ];
    const more = [
      'server/tampering',
      'server/paging',
      'server/idempotency',
      'server/reveal',
      'server/backup',
      'server/deleted-data',
      'server/restore',
      'postgres/import-resources',
    ];
    const paths = [...files, ...more].map((file) => `test/${file}`);
    const { code, stdout, stderr } = await copy.run(['vitest', 'run', '--project', database, ...paths], {
      env: { SOAK: '' },
    });
    expect(code, `${stdout}${stderr}`).toBe(0);
    console.log(/^.*findings, coverage.*$/m.exec(stdout)?.[0]);
    expect(stdout).toMatch(/ 0 findings, coverage 100 %/);
  });
});
