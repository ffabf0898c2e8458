// @databases none
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyProject, descriptionInputs, type ProjectCopy } from '../helpers/project-copy.ts';
import { type Fault, seededFaults } from './description-faults.ts';

interface Report {
  totals: { errors: number; warnings: number };
  problems: { ruleId: string; severity: string; location: { source: { ref: string }; pointer: string }[] }[];
}

/** A component whose file name is not in PascalCase. */
const misnamed = 'components/headers/retry_after.yaml';

/** The folder of the description with faults, beside the unchanged one. */
const faultyFolder = 'faulty/openapi';

/** Runs the linter once on both, which costs less than twice. Returns the report of each. */
async function lintBoth(copy: ProjectCopy): Promise<[unchanged: Report, faulty: Report]> {
  const files = ['openapi', faultyFolder].map((folder) => `${folder}/openapi.yaml`);
  const { stdout, stderr } = await copy.run(['redocly', 'lint', '--format=json', '--max-problems=1000', ...files]);
  const reports: Report[] = stdout.split(/(?<=^\})\s*(?=\{)/m).map((text) => JSON.parse(text));
  expect(reports, stderr).toHaveLength(files.length);
  return reports as [Report, Report];
}

/** Returns every error as `rule at location`. */
const listErrors = ({ problems }: Report) =>
  problems
    .filter(({ severity }) => severity === 'error')
    .flatMap(({ ruleId, location }) => location.map(({ source, pointer }) => `${ruleId} at ${source.ref}${pointer}`));

async function seed(copy: ProjectCopy, { at, file, from, to = '' }: Fault): Promise<void> {
  const [reported = ''] = at.split('#');
  await copy.edit(`${faultyFolder}/${file ?? reported}`, from, to);
}

async function misname(copy: ProjectCopy): Promise<void> {
  await copy.write(`${faultyFolder}/${misnamed}`, await copy.read('openapi/components/headers/RetryAfter.yaml'));
  await copy.edit(
    `${faultyFolder}/components/responses/Unavailable.yaml`,
    'headers/RetryAfter.yaml',
    'headers/retry_after.yaml',
  );
}

describe('lint of the description', () => {
  let unchanged: Report;
  let faults: string[];

  beforeAll(async () => {
    await using copy = await copyProject(...descriptionInputs);
    await cp(join(copy.folder, 'openapi'), join(copy.folder, faultyFolder), { recursive: true });
    for (const fault of seededFaults) await seed(copy, fault);
    await misname(copy);
    const [good, bad] = await lintBoth(copy);
    unchanged = good;
    faults = listErrors(bad);
  });

  it('reports nothing in the unchanged description', () => {
    expect(unchanged.totals).toMatchObject({ errors: 0, warnings: 0 });
  });

  it.each(seededFaults)('reports $name', ({ rule, at }) => {
    expect(faults).toContain(`${rule} at ${faultyFolder}/${at}`);
  });

  it('reports a component named in snake case', () => {
    expect(faults).toContain(`contract/component-name at ${faultyFolder}/${misnamed}#/`);
  });
});
