import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../helpers/postgres.ts';
import { measured } from './operations.ts';
import { measure } from './rounds.ts';
import type { Bench, Section } from './section.ts';
import { type Kind, startTarget } from './target.ts';

/** Servers measured in turn, each on a database of its own. The others are compared to the first. */
async function compare(kinds: readonly Kind[], databaseOf: (kind: Kind) => string, { folder, rounds, say }: Bench) {
  await using stack = new AsyncDisposableStack();
  const targets = [];
  for (const kind of kinds) targets.push(stack.use(await startTarget(kind, databaseOf(kind), folder)));
  return await measure(targets, measured, rounds, say);
}

const sqliteOf =
  ({ folder }: Bench, section: string) =>
  (kind: Kind) =>
    `sqlite:${join(folder, `${section}-${kind}.db`)}`;

/** The server with its enforcement, without, and with the validator as it comes, on SQLite. */
export const enforcement: Section = (bench) => compare(['off', 'on', 'plain'], sqliteOf(bench, 'enforcement'), bench);

/** The server beside the same API on Fastify, both with all checks, on SQLite. */
export const fastify: Section = (bench) => compare(['fastify', 'on'], sqliteOf(bench, 'fastify'), bench);

/** The same on PostgreSQL, which shares the cores with them. */
export const postgres: Section = async (bench) => {
  const kinds: readonly Kind[] = ['off', 'on', 'fastify'];
  await using server = await startPostgres();
  const client = new pg.Client(`${server.url}/postgres`);
  await client.connect();
  for (const kind of kinds) await client.query(`CREATE DATABASE bench_${kind}`);
  await client.end();
  return await compare(kinds, (kind) => `${server.url}/bench_${kind}`, bench);
};
