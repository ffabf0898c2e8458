// @databases none
/** Each fault of a second resource is stopped by a gate that names it. It takes a compiler or a server for each. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTypes } from '../helpers/process.ts';
import type { ProjectCopy } from '../helpers/project-copy.ts';
import { copyWithSibling, fixture } from '../helpers/sibling-copy.ts';
import { isSoak } from '../helpers/soak.ts';
import { makeEdits } from '../helpers/walks.ts';
import { type Gate, type SiblingFault, siblingFaults } from './sibling-faults.ts';

const operations = ['list', 'create', 'get', 'update', 'delete'].map(
  (verb) => `${verb}Credential${verb === 'list' ? 's' : ''}`,
);

/** The command of each gate. */
const gates: Readonly<Record<Gate, readonly string[]>> = {
  compiler: [...checkTypes, '--pretty', 'false', '--incremental', '--tsBuildInfoFile', 'types.tsbuildinfo'],
  linter: ['redocly', 'lint', '--format=stylish', 'openapi/openapi.yaml'],
  conformance: ['node', 'verify.ts', ...operations],
  tests: ['vitest', 'run', '--project', 'none', 'test/store/account-conditions.test.ts'],
};

describe.runIf(isSoak)('a fault of a second resource', () => {
  let copy: ProjectCopy;
  const stopped: string[] = [];
  beforeAll(async () => {
    copy = await copyWithSibling(async (made, { commands }) => {
      if (commands.includes('generate'))
        expect(await made.run(['node', 'openapi/generate.ts'])).toMatchObject({ code: 0 });
    });
    await cp(join(fixture, 'verify.ts'), join(copy.folder, 'verify.ts'));
  });
  afterAll(async () => {
    console.log(['| fault | stopped by |', '|---|---|', ...stopped].join('\n'));
    await copy[Symbol.asyncDispose]();
  });

  /** Runs the gate of a fault. Returns its output without the fault, or with it. */
  const runGate = async (gate: Gate) => {
    const { stdout, stderr } = await copy.run(gates[gate]);
    return `${stdout}${stderr}`;
  };

  test.each(Object.keys(gates) as Gate[])('is not found by the %s where there is none', async (gate) => {
    const output = await runGate(gate);
    const found = siblingFaults.filter((fault) => fault.gate === gate && names(output, fault));
    expect(found, output).toEqual([]);
  });

  test.each(siblingFaults)('is stopped: $name', async (fault) => {
    const { name, file, from, to = '', gate, by } = fault;
    const before = await copy.read(file);
    await makeEdits(copy, { edits: [{ file, from, to }] });
    const output = await runGate(gate);
    await copy.write(file, before);
    expect(names(output, fault), output.slice(0, 4_000)).toBe(true);
    stopped.push(`| ${name} | ${gate}: \`${by}\` |`);
  });
});

/** Whether the output of a gate names a fault. */
function names(output: string, { gate, by }: SiblingFault): boolean {
  if (gate === 'compiler') return output.includes(`${by}(`);
  if (gate === 'tests') return output.includes('FAIL') && output.includes(by);
  if (gate !== 'conformance') return output.includes(by);
  const report = /^\{.*\}$/m.exec(output)?.[0];
  const { causes } = JSON.parse(report ?? '{"causes":[]}') as { causes: string[] };
  return causes.some((cause) => cause.includes(by));
}
