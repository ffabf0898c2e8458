// @databases none
import { beforeAll, describe, expect, it } from 'vitest';
import { copyProject } from '../helpers/project-copy.ts';
import { uncarried } from './carried-faults.ts';
import { describeLibrary } from './library-description.ts';

/** The configuration of a project whose house rules are off. */
const config = 'plugins:\n  - openapi/rules/plugin.ts\nrules:\n  contract/carried: error\n';

interface Report {
  problems: { message: string; location: { source: { ref: string }; pointer: string }[] }[];
}

describe('rule on what the generators carry', () => {
  /** Places of rejected constructs by the number of the construct. */
  const places = new Map<string, string[]>();

  beforeAll(async () => {
    await using copy = await copyProject('openapi/rules');
    await copy.write('redocly.yaml', config);
    await copy.write('library.json', JSON.stringify(describeLibrary()));
    for (const [index, { edit }] of uncarried.entries()) {
      const library = describeLibrary();
      edit(library);
      await copy.write(`${index}.json`, JSON.stringify(library));
    }
    const names = ['library.json', ...uncarried.map((_, index) => `${index}.json`)];
    const { stdout, stderr } = await copy.run(['redocly', 'lint', '--format=json', '--max-problems=1000', ...names]);
    expect(stdout, stderr).toMatch(/^\{/);
    // A report for each file.
    const reports: Report[] = stdout.split(/(?<=^\})\s*(?=\{)/m).map((text) => JSON.parse(text));
    for (const { message, location } of reports.flatMap(({ problems }) => problems)) {
      expect(message).toMatch(/^[A-Z].*\.$/);
      for (const { source, pointer } of location) places.set(source.ref, [...(places.get(source.ref) ?? []), pointer]);
    }
  });

  it('accepts every construct of the library', () => {
    expect(places.get('library.json')).toBeUndefined();
  });

  it.each(uncarried.map((one, index) => ({ ...one, index })))('refuses $name', ({ at, index }) => {
    expect(places.get(`${index}.json`)).toContain(at);
  });
});
