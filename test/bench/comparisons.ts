import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../helpers/postgres.ts';
import { measured } from './operations.ts';
import { measure } from './rounds.ts';
import type { Bench, Section } from './section.ts';
import { type Kind, startTarget } from './target.ts';

type DatabaseOf = (kind: Kind, round: number) => Promise<string> | string;

/** Servers measured in turn, each on a database of its own. The others are compared to the first. */
const compare = (kinds: readonly Kind[], databaseOf: DatabaseOf, { folder, rounds, say }: Bench) =>
  measure(kinds, async (kind, round) => startTarget(kind, await databaseOf(kind, round), folder), {
    ...{ requests: measured, rounds, say },
  });

const sqliteOf =
  ({ folder }: Bench, section: string): DatabaseOf =>
  (kind, round) =>
    `sqlite:${join(folder, `${section}-${kind}-${round}.db`)}`;

/** The server with its validation, without, and with the library as a whole, on SQLite. */
export const enforcement: Section = (bench) => compare(['off', 'on', 'whole'], sqliteOf(bench, 'enforcement'), bench);

/** The server beside the same API on Fastify, both with all checks, on SQLite. */
export const fastify: Section = (bench) => compare(['fastify', 'on'], sqliteOf(bench, 'fastify'), bench);

/** The same on PostgreSQL, which shares the cores with them. */
export const postgres: Section = async (bench) => {
  await using server = await startPostgres();
  const databaseOf: DatabaseOf = async (kind, round) => {
    const name = `bench_${kind}_${round}`;
    const client = new pg.Client(`${server.url}/postgres`);
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return `${server.url}/${name}`;
  };
  return await compare(['off', 'on', 'fastify'], databaseOf, bench);
};
