import { describe, inject, test } from 'vitest';

/** Whether this project is the one that runs what no database sees. */
const isFirst = inject('store') !== 'postgres';

/** Declares a test that runs on one database in a file that runs on both, because no database sees its subject. */
export const testOnce = test.runIf(isFirst);

/** Declares a group of such tests. */
export const describeOnce = describe.runIf(isFirst);
