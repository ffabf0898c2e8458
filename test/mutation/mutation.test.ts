// @databases none
import { describe, expect, test } from 'vitest';
import { run } from '../helpers/process.ts';
import { isSoak } from '../helpers/soak.ts';
import { subjects } from './subjects.ts';

describe.runIf(isSoak)('the tests notice nine of ten changes', () => {
  test.each(Object.keys(subjects))('of %s', async (subject) => {
    const { code, stdout, stderr } = await run(['node', 'test/mutation/run.ts', subject]);
    console.log(stdout);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
