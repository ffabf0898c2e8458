import { defineConfig } from 'vitest/config';
import { soak } from './test/helpers/soak.ts';

/** The timeout of a test, in milliseconds. */
const timeout = soak(60_000, 900_000);

/** Files that measure time. They run one after another and alone, because other load would delay their servers. */
const timed = ['stop', 'content-types', 'locks'].map((name) => `test/server/${name}.test.ts`);

/** Files about stored data. They run once for each kind of database. */
const perStore = [
  'test/store/**/*.test.ts',
  'test/operations/**/*.test.ts',
  'test/contract/conformance.test.ts',
  'test/contract/published-pages.test.ts',
  ...[
    'accounts',
    'canaries',
    'durability',
    'failed-writes',
    'fuzzing',
    'idempotency',
    'limits',
    'lost-updates',
    'paging',
    'reveal',
    'rotation',
    'tampering',
    'two-servers',
  ].map((name) => `test/server/${name}.test.ts`),
];

/** Files about PostgreSQL alone. */
const postgresOnly = 'test/postgres/**/*.test.ts';

const stores = ['sqlite', 'postgres'] as const;
/** The kinds of database of this run: all, or those in `STORES`. */
const selected = process.env.STORES?.split(',') ?? stores;

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/postgres.ts'],
    testTimeout: timeout,
    hookTimeout: timeout,
    // Files of a worker share their modules, so that schemas are compiled once. Each file starts its own servers.
    isolate: false,
    // Figures that tests print stay in the output.
    disableConsoleIntercept: true,
    projects: stores
      .filter((store) => selected.includes(store))
      .flatMap((store) => [
        {
          extends: true,
          test: {
            name: store,
            provide: { store },
            include: store === 'sqlite' ? ['test/**/*.test.ts'] : [...perStore, postgresOnly],
            exclude: store === 'sqlite' ? [...timed, postgresOnly] : timed,
            // Three workers on two cores, because most files wait for processes and disks.
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
