import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../server/store/open-store.ts';
import { run, startProcess } from '../helpers/process.ts';
import type { Bench, Section } from './section.ts';
import { createApp, sendLoad } from './send-load.ts';
import { onAllCores, serverCommand } from './target.ts';

const token = 'YOUR_API_TOKEN';
const ready = /API +(http:\S+)\/v1\/oauth-apps/;
const milliseconds = 3_000;
/** The pause between two reads beside the writes. */
const readPause = 5;

/** The delay of every sync, in milliseconds, with the command that makes it, where strace is installed. */
const disks: readonly { name: string; prefix: readonly string[] }[] = [
  { name: 'as it is', prefix: [] },
  {
    name: '5 ms a sync',
    prefix: [
      ...['strace', '-f', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync'],
      ...['-e', 'inject=fsync,fdatasync:delay_exit=5000'],
    ],
  },
];
const hasStrace = ['/usr/bin/strace', '/bin/strace'].some((path) => existsSync(path));

/** Measures plain node:sqlite: creates a second with one sync for each `batch` of them. */
async function plain(file: string, prefix: readonly string[], creates: number, batch: number): Promise<number> {
  const { stdout } = await run(
    onAllCores([...prefix, 'node', 'test/bench/plain-writes.ts', file, String(creates), String(batch)]),
  );
  return Number(stdout);
}

/** Sends one kind of write over some connections, and reads beside it. */
async function measureWrites(url: string, id: string, kind: 'create' | 'update' | 'delete', connections: number) {
  const loaded = { url, token, id };
  const [writes, reads] = await Promise.all([
    sendLoad(kind, loaded, { connections, milliseconds }),
    sendLoad('get', loaded, { connections: 1, milliseconds, pause: readPause }),
  ]);
  const { perSecond, failed } = writes;
  return { perSecond, failed, 'GET p50, ms': reads.p50, 'GET p95, ms': reads.p95, 'GET p99, ms': reads.p99 };
}

/** Measures the server and plain node:sqlite on one disk. */
async function measureDisk({ folder, report }: Bench, { name, prefix }: (typeof disks)[number], index: number) {
  const files = ['server', 'plain'].map((kind) => join(folder, `writes-${kind}-${index}.db`)) as [string, string];
  await (await openStore(`sqlite:${files[1]}`)).close();
  const one = await plain(files[1], prefix, prefix.length > 0 ? 400 : 3_000, 1);
  const batches = await plain(files[1], prefix, 6_400, 32);
  const rows: object[] = [
    { disk: name, server: 'plain node:sqlite', write: 'create', perSecond: one },
    { disk: name, server: 'plain, 32 in a transaction', write: 'create', perSecond: batches },
  ];
  const env = { API_TOKEN: token, PORT: '0', LOG_LEVEL: 'error', MAX_APPS_PER_ACCOUNT: '100000000' };
  await using server = await startProcess(onAllCores([...prefix, ...serverCommand]), ready, {
    env: { ...env, DATABASE_URL: `sqlite:${files[0]}` },
  });
  const url = server.match[1] ?? '';
  const id = await createApp(url, token);
  for (const [kind, connections] of [
    ...([1, 16, 32, 64] as const).map((count) => ['create', count] as const),
    ...[['update', 32] as const, ['delete', 32] as const],
  ]) {
    const figures = await measureWrites(url, id, kind, connections);
    report(`writes, ${name}: ${kind} over ${connections}`);
    rows.push({
      disk: name,
      server: 'server',
      write: kind,
      connections,
      ...figures,
      '÷ plain': figures.perSecond / one,
    });
  }
  return rows;
}

/** Writes beside plain node:sqlite with one sync each, on the same disk, as it is and made slow. Needs `--disk`. */
export const writes: Section = async (bench) => {
  if (!hasStrace) bench.report('strace is not installed: a slow disk is not measured');
  const rows = [];
  for (const [index, disk] of disks.entries()) {
    if (disk.prefix.length === 0 || hasStrace) rows.push(...(await measureDisk(bench, disk, index)));
  }
  return rows;
};
