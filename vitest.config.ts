import { defineConfig } from 'vitest/config';
import { soak } from './test/helpers/soak.ts';

/** For a test, in milliseconds. */
const patience = soak(60_000, 900_000);

/** Files whose subject is time: they run alone, so that nothing else makes a server late. */
const timed = ['stop', 'content-types', 'locks'].map((name) => `test/server/${name}.test.ts`);

/** Files about what the server keeps: they run once for every kind of database. */
const kept = [
  'test/store/**/*.test.ts',
  'test/operations/**/*.test.ts',
  'test/contract/conformance.test.ts',
  'test/contract/published-pages.test.ts',
  ...[
    'accounts',
    'canaries',
    'failed-writes',
    'idempotency',
    'durability',
    'limits',
    'lost-updates',
    'fuzzing',
    'paging',
    'reveal',
    'rotation',
    'tampering',
    'two-servers',
  ].map((name) => `test/server/${name}.test.ts`),
];

/** Files about what PostgreSQL alone has. */
const ofPostgres = 'test/postgres/**/*.test.ts';

const stores = ['sqlite', 'postgres'] as const;
/** `STORES=sqlite` or `STORES=postgres` narrows. */
const wanted = process.env.STORES?.split(',') ?? stores;

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/postgres.ts'],
    testTimeout: patience,
    hookTimeout: patience,
    // Files share what they import: each starts its own servers, and the schemas are compiled once per worker.
    isolate: false,
    // Figures that tests print belong to their output.
    disableConsoleIntercept: true,
    projects: stores
      .filter((store) => wanted.includes(store))
      .flatMap((store) => [
        {
          extends: true,
          test: {
            name: store,
            provide: { store },
            include: store === 'sqlite' ? ['test/**/*.test.ts'] : [...kept, ofPostgres],
            exclude: store === 'sqlite' ? [...timed, ofPostgres] : timed,
            // Most files wait for processes and disks more than they compute.
            maxWorkers: 3,
            sequence: { groupOrder: 1 },
          },
        },
        ...(store === 'sqlite'
          ? [
              {
                extends: true,
                test: { name: 'timed', provide: { store }, include: timed, maxWorkers: 1, sequence: { groupOrder: 2 } },
              },
            ]
          : []),
      ]),
  },
});
