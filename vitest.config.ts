import { globSync, readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { measureTimeFactor } from './test/helpers/time-limits.ts';

const include = ['test/**/*.test.ts'];
/** Databases that the first line of a test file may name. */
const tags = ['none', 'sqlite', 'postgres'];

/**
 * Returns the databases that a test file names in its first line. A file without that line runs on both.
 * - `// @databases none`: it never reaches a database, or the database makes no difference. It runs once, on a store in
 *   memory.
 * - `// @databases sqlite`: it is about SQLite.
 * - `// @databases postgres`: it is about PostgreSQL, or about both together.
 * @throws Error for any other name.
 */
function readDatabases(file: string): string {
  const [, tag = 'both'] = /^\/\/ @databases (.*)/.exec(readFileSync(file, 'utf8')) ?? [];
  if (tag !== 'both' && !tags.includes(tag)) throw new Error(`${file}: @databases is one of ${tags.join(', ')}`);
  return tag;
}

const files = globSync(include[0] ?? '').map((file) => ({ file, databases: readDatabases(file) }));
const filesOf = (...databases: string[]) =>
  files.filter((one) => databases.includes(one.databases)).map(({ file }) => file.replaceAll('\\', '/'));

/** Runs the files that say `// @first` before all others, because they would be the last to end. */
class FirstFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    // The other files of a project stay together: a worker that changes the project loads all modules again.
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    const rank = ({ project, moduleId }: TestSpecification) =>
      /^\/\/ @first$/m.test(readFileSync(moduleId, 'utf8')) ? -1 : projects.indexOf(project.name);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

/** Measured by `npm test`, before it starts anything. */
const factor = Number(process.env.TIME_FACTOR) || measureTimeFactor();
/** Bytes of memory that a worker needs at most. */
const workerBytes = 500_000_000;
/**
 * Three workers on two cores, because many files wait for processes and disks. Where others take the processors, as many
 * more as give the tests a fair share, and as have room.
 */
const maxWorkers = factor > 3 ? Math.max(3, Math.min(20, Math.floor(freemem() / workerBytes))) : 3;

export default defineConfig(({ mode }) => {
  const isSoak = mode === 'soak';
  const timeout = (isSoak ? 900_000 : 60_000) * factor;
  const project = {
    include,
    env: { TIME_FACTOR: String(factor), SOAK: isSoak ? '1' : '' },
    testTimeout: timeout,
    hookTimeout: timeout,
    // Files of a worker share their modules, so that schemas are compiled once. Each file starts its own servers.
    isolate: false,
    maxWorkers,
  };
  return {
    test: {
      // Figures that tests print stay in the output.
      disableConsoleIntercept: true,
      sequence: { sequencer: FirstFirst },
      coverage: {
        provider: 'v8' as const,
        include: ['client/**/*.ts', 'generated/**/*.ts', 'openapi/**/*.ts', 'server/**/*.ts'],
        reporter: ['text'],
        reportsDirectory: 'dist/coverage',
      },
      projects: [
        {
          test: {
            ...project,
            name: 'none',
            provide: { store: 'memory' as const },
            exclude: filesOf('both', 'sqlite', 'postgres'),
          },
        },
        {
          test: {
            ...project,
            name: 'sqlite',
            provide: { store: 'sqlite' as const },
            exclude: filesOf('none', 'postgres'),
          },
        },
        {
          test: {
            ...project,
            name: 'postgres',
            provide: { store: 'postgres' as const },
            exclude: filesOf('none', 'sqlite'),
            globalSetup: ['test/helpers/postgres.ts'],
          },
        },
      ],
    },
  };
});
