import { defineConfig } from 'vitest/config';

/** The tests of one subject, in one worker. For each mutant, Stryker chooses those that reach it. */
export default defineConfig({
  test: {
    include: (process.env.MUTATION_TESTS ?? '').split(','),
    env: { TIME_FACTOR: '5', SOAK: '' },
    provide: { store: 'memory' as const },
    testTimeout: 60_000,
    isolate: false,
    maxWorkers: 1,
  },
});
