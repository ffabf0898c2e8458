import { createHash } from 'node:crypto';
import { type Compilable, type Kysely, type RawBuilder, sql } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import type { Schema } from './schema.ts';
import type { Statement } from './statement.ts';

/** The place of a parameter in a statement that is being built. */
class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Returns the place of a parameter. */
export const param = <Type = string>(name: string): RawBuilder<Type> => sql<Type>`${new Parameter(name)}`;

/** The length at which PostgreSQL cuts off the name of a prepared statement, so that two longer ones may be the same. */
const longestName = 63;

/** Returns the name of a prepared statement. One that would be cut off ends in the digest of its SQL. */
function nameStatement(name: string, text: string): string {
  const whole = `oauth_apps_${name}`;
  if (whole.length <= longestName) return whole;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${whole.slice(0, longestName - digest.length - 1)}_${digest}`;
}

/** Compiles a query whose values are all parameters. @throws TypeError for another value */
export function compile(query: Compilable, name?: string): Statement {
  const { sql, parameters } = query.compile();
  const names = parameters.map((parameter) => {
    if (!(parameter instanceof Parameter)) throw new TypeError('a statement has a value where it needs a parameter');
    return parameter.name;
  });
  return { ...(name !== undefined && { name: nameStatement(name, sql) }), sql, parameters: names };
}

export type Db = Kysely<Schema>;
export type Lists = Pick<StoreDialect, 'listText' | 'listIntegers'>;
