// @databases none
/** Each fault of a second resource is stopped by a gate that names it. It takes compilers and servers. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTypes } from '../helpers/process.ts';
import type { ProjectCopy } from '../helpers/project-copy.ts';
import { copyWithSibling, fixture } from '../helpers/sibling-copy.ts';
import { isSoak } from '../helpers/soak.ts';
import { makeEdits } from '../helpers/walks.ts';
import { type Gate, type SiblingFault, siblingFaults } from './sibling-faults.ts';

const operations = ['listCredentials', 'createCredential', 'getCredential', 'updateCredential', 'deleteCredential'];
const types = [...checkTypes, '--pretty', 'false'];
const lint = ['redocly', 'lint', '--format=stylish', 'openapi/openapi.yaml'];
const conditions = ['vitest', 'run', '--project', 'none', 'test/store/account-conditions.test.ts'];

const faultsOf = (gate: Gate) => siblingFaults.filter((fault) => fault.gate === gate);
/** Returns the path of a copy of a file that has a fault. */
const variantOf = ({ file }: SiblingFault, index: number) => file.replace(/\.ts$/, `-fault-${index}.ts`);

describe.runIf(isSoak)('a fault of a second resource', () => {
  let copy: ProjectCopy;
  const stopped: string[] = [];
  const note = ({ name, gate, by }: SiblingFault) => stopped.push(`| ${name} | ${gate}: \`${by}\` |`);
  const run = async (words: readonly string[]) => {
    const { stdout, stderr } = await copy.run(words);
    return `${stdout}${stderr}`;
  };
  /** Lists the causes of the findings of the conformance suite. */
  const verify = async (): Promise<string[]> => {
    const output = await run(['node', 'verify.ts', ...operations]);
    const [report] = /^\{.*\}$/m.exec(output) ?? [];
    return report === undefined ? [output] : JSON.parse(report).causes;
  };
  /** Runs `work` while a file of the copy has a fault. */
  const withFault = async (fault: SiblingFault, work: () => Promise<void>) => {
    const before = await copy.read(fault.file);
    await makeEdits(copy, { edits: [{ ...fault, to: fault.to ?? '' }] });
    try {
      await work();
    } finally {
      await copy.write(fault.file, before);
    }
  };

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

  describe('does not compile:', () => {
    const faults = faultsOf('compiler');
    let output: string;
    beforeAll(async () => {
      // Each in a copy of its file, so that one run of the compiler has them all.
      for (const [index, fault] of faults.entries()) {
        const variant = variantOf(fault, index);
        await copy.write(variant, await copy.read(fault.file));
        await makeEdits(copy, { edits: [{ file: variant, from: fault.from, to: fault.to ?? '' }] });
      }
      output = await run(types);
      await Promise.all(faults.map((fault, index) => rm(join(copy.folder, variantOf(fault, index)))));
    });

    test('the resource without a fault does', () => {
      const named = [...output.matchAll(/^(\S+)\(/gm)].map(([, file = '']) => file);
      expect(named.filter((file) => !file.includes('-fault-'))).toEqual([]);
    });

    test.each(faults.map((fault, index) => ({ ...fault, index })))('$name', ({ index, ...fault }) => {
      expect(output).toContain(`${variantOf(fault, index)}(`);
      note(fault);
    });
  });

  describe('is refused by the linter:', () => {
    let output: string;
    beforeAll(async () => {
      expect(await run(lint)).toContain('Your API description is valid');
      const before = await Promise.all(
        faultsOf('linter').map(async ({ file }) => [file, await copy.read(file)] as const),
      );
      for (const fault of faultsOf('linter')) await makeEdits(copy, { edits: [{ ...fault, to: fault.to ?? '' }] });
      output = await run(lint);
      for (const [file, text] of before) await copy.write(file, text);
    });

    test.each(faultsOf('linter'))('$name', (fault) => {
      expect(output).toContain(fault.by);
      note(fault);
    });
  });

  describe('is found by the conformance suite:', () => {
    test('the resource without a fault has none', async () => {
      expect(await verify()).toEqual([]);
    });

    test.each(faultsOf('conformance'))('$name', async (fault) => {
      await withFault(fault, async () => {
        expect(await verify()).toContainEqual(expect.stringContaining(fault.by));
      });
      note(fault);
    });
  });

  test.each(faultsOf('tests'))('fails a test by its name: $name', async (fault) => {
    expect(await run(conditions)).not.toContain('FAIL');
    await withFault(fault, async () => {
      expect(await run(conditions)).toMatch(new RegExp(`FAIL.*${fault.by}`));
    });
    note(fault);
  });
});
