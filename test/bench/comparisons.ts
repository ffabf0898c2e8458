import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../helpers/postgres.ts';
import { measured } from './operations.ts';
import { measure } from './rounds.ts';
import type { Bench, Section } from './section.ts';
import { type Kind, startTarget } from './target.ts';

type CreateDatabase = (kind: Kind, round: number) => Promise<string> | string;

/** Measures servers by turns, each on its own database, and compares the others with the first. */
const compare = (kinds: readonly Kind[], createDatabase: CreateDatabase, { folder, rounds, report }: Bench) =>
  measure(kinds, async (kind, round) => startTarget(kind, await createDatabase(kind, round), folder), {
    ...{ requests: measured, rounds, report },
  });

const createSqlite =
  ({ folder }: Bench, section: string): CreateDatabase =>
  (kind, round) =>
    `sqlite:${join(folder, `${section}-${kind}-${round}.db`)}`;

/** Compares the server with its validation, without, and with express-openapi-validator alone, on SQLite. */
export const enforcement: Section = (bench) =>
  compare(['off', 'on', 'whole'], createSqlite(bench, 'enforcement'), bench);

/** Compares the server with the same API on Fastify, both with all checks, on SQLite. */
export const fastify: Section = (bench) => compare(['fastify', 'on'], createSqlite(bench, 'fastify'), bench);

/** Compares the server with Fastify on PostgreSQL, which shares the cores with them. */
export const postgres: Section = async (bench) => {
  await using server = await startPostgres();
  const createDatabase: CreateDatabase = async (kind, round) => {
    const name = `bench_${kind}_${round}`;
    const client = new pg.Client(`${server.url}/postgres`);
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return `${server.url}/${name}`;
  };
  return await compare(['off', 'on', 'fastify'], createDatabase, bench);
};
