// @databases none
import { beforeAll, describe, expect, it } from 'vitest';
import { copyProject, descriptionInputs, type ProjectCopy } from '../helpers/project-copy.ts';
import { type Fault, seededFaults } from './description-faults.ts';

interface Report {
  totals: { errors: number; warnings: number };
  problems: { ruleId: string; severity: string; location: { source: { ref: string }; pointer: string }[] }[];
}

/** A component whose file name is not in PascalCase. */
const misnamed = 'components/headers/retry_after.yaml';

/** Runs the linter. Returns the totals, and every error as `rule at location`. */
async function lint(copy: ProjectCopy) {
  const words = ['redocly', 'lint', '--format=json', '--max-problems=1000', 'openapi/openapi.yaml'];
  const { stdout, stderr } = await copy.run(words);
  expect(stdout, stderr).toMatch(/^\{/);
  const { totals, problems }: Report = JSON.parse(stdout);
  const errors = problems
    .filter(({ severity }) => severity === 'error')
    .flatMap(({ ruleId, location }) => location.map(({ source, pointer }) => `${ruleId} at ${source.ref}${pointer}`));
  return { totals, errors };
}

async function seed(copy: ProjectCopy, { at, file, from, to = '' }: Fault): Promise<void> {
  const [reported = ''] = at.split('#');
  await copy.edit(`openapi/${file ?? reported}`, from, to);
}

async function misname(copy: ProjectCopy): Promise<void> {
  await copy.write(`openapi/${misnamed}`, await copy.read('openapi/components/headers/RetryAfter.yaml'));
  await copy.edit(
    'openapi/components/responses/Unavailable.yaml',
    'headers/RetryAfter.yaml',
    'headers/retry_after.yaml',
  );
}

describe('lint of the description', () => {
  let unchanged: Awaited<ReturnType<typeof lint>>;
  let faulty: Awaited<ReturnType<typeof lint>>;

  beforeAll(async () => {
    await using good = await copyProject(...descriptionInputs);
    await using bad = await copyProject(...descriptionInputs);
    for (const fault of seededFaults) await seed(bad, fault);
    await misname(bad);
    [unchanged, faulty] = await Promise.all([lint(good), lint(bad)]);
  });

  it('reports nothing in the unchanged description', () => {
    expect(unchanged.totals).toMatchObject({ errors: 0, warnings: 0 });
  });

  it.each(seededFaults)('reports $name', ({ rule, at }) => {
    expect(faulty.errors).toContain(`${rule} at openapi/${at}`);
  });

  it('reports a component named in snake case', () => {
    expect(faulty.errors).toContain(`contract/component-name at openapi/${misnamed}#/`);
  });
});
