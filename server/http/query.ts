import { parse } from 'node:querystring';
import { type OperationId, operations } from '../../generated/operations.ts';
import { type Rejection, reject } from '../problem.ts';

/** The parameters of a query by name, as they were sent: text, or a list of it where a name is repeated. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** The only spelling of a parameter that is not text. */
export interface Spelling {
  readonly name: string;
  /** Whether the name may be repeated; each value then has the spelling. */
  readonly isList: boolean;
  readonly pattern: RegExp;
  readonly reason: string;
}

/** The canonical spellings by type. The validator alone also accepts `0x10`, `1e1`, ` 5 ` and `Infinity`. */
const spellings: Readonly<Record<string, Omit<Spelling, 'name' | 'isList'>>> = {
  integer: { pattern: /^(?:0|-?[1-9]\d{0,15})$/, reason: 'must be integer' },
  boolean: { pattern: /^(?:true|false)$/, reason: 'must be boolean' },
};

/** Lists the parameters of an operation that have a canonical spelling. */
export function listSpellings(operationId: OperationId): readonly Spelling[] {
  const types = Object.entries<string>(operations[operationId].queryTypes);
  return types.flatMap(([name, type]) => {
    const spelling = spellings[type.replace('[]', '')];
    return spelling ? [{ name, isList: type.endsWith('[]'), ...spelling }] : [];
  });
}

function isSpelled(value: string | string[], { pattern, isList }: Spelling): boolean {
  if (Array.isArray(value)) return isList && value.every((one) => pattern.test(one));
  return pattern.test(value);
}

/** Parses a query. Rejects numbers and booleans in another than the canonical spelling. */
export function parseQuery(query: string, spelled: readonly Spelling[]): Query | Rejection<'ValidationFailed'> {
  if (query === '') return {};
  const parsed: Query = parse(query);
  const wrong = spelled.filter((spelling) => {
    const value = parsed[spelling.name];
    return value !== undefined && !isSpelled(value, spelling);
  });
  if (wrong.length === 0) return parsed;
  return reject('ValidationFailed', { validationErrors: new Map(wrong.map(({ name, reason }) => [name, [reason]])) });
}
