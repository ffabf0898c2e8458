/**
 * Runs the benchmarks: `npm run bench -- [section…] [--rounds 7] [--full] [--disk] [--json <file>]`.
 * Figures depend on the machine. Compare ratios within one run.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchClient } from './client.ts';
import { enforcement, fastify, postgres } from './comparisons.ts';
import { fairness } from './fairness.ts';
import { benchGrowth } from './growth.ts';
import { memory } from './memory.ts';
import { mock } from './mock.ts';
import { postgresWrites } from './postgres-writes.ts';
import type { Bench, Section } from './section.ts';
import { start } from './start.ts';
import { keepOffServerCore } from './target.ts';
import { tools } from './tools.ts';
import { workers } from './workers.ts';
import { writes } from './writes.ts';

const sections: Readonly<Record<string, Section>> = {
  ...{ enforcement, fastify, postgres, mock, start, memory, tools, writes, fairness, workers },
  'postgres-writes': postgresWrites,
  client: benchClient,
  growth: ({ isFull }) => benchGrowth({ isQuick: !isFull }),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    full: { type: 'boolean', default: false },
    disk: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const unknown = positionals.find((name) => !(name in sections));
if (unknown !== undefined)
  throw new Error(`There is no section ${unknown}; there are ${Object.keys(sections).join(', ')}.`);

// Databases are in memory if possible, because the duration of disk writes would hide differences in CPU time.
const memoryFolder = '/dev/shm';
const round = (row: object) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' ? Math.round(value * 100) / 100 : value,
    ]),
  );
const folder = await mkdtemp(
  join(existsSync(memoryFolder) && !values.disk ? memoryFolder : tmpdir(), 'oauth-apps-bench-'),
);
const bench: Bench = { folder, rounds: Number(values.rounds), isFull: values.full, report: console.error };
const results: Record<string, unknown> = {};
try {
  const isPinned = await keepOffServerCore();
  console.log(isPinned ? 'Client and server have one core each.' : 'Client and server share all cores.');
  for (const name of positionals.length > 0 ? positionals : Object.keys(sections)) {
    const rows = await sections[name]?.(bench);
    results[name] = rows;
    console.log(`\n${name}`);
    console.table(rows?.map(round));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
