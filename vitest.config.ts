import { defineConfig } from 'vitest/config';

/** Files whose subject is time: they run alone, so that nothing else makes a server late. */
const timed = ['test/server/stop.test.ts', 'test/server/content-types.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/postgres.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Figures that tests print belong to their output.
    disableConsoleIntercept: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: timed,
          // Most files wait for processes and disks more than they compute.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'timed', include: timed, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
