import type { RequestHandler } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import { refuse, type ValidationErrors } from '../problem.ts';
import type { Query } from '../middleware/begin-request.ts';

/** How a value that is not text is spelled. The validator alone would also take `0x10`, `1e1`, ` 5 ` or `Infinity`. */
const spellings: Record<string, { pattern: RegExp; reason: string }> = {
  integer: { pattern: /^(?:0|-?[1-9]\d{0,15})$/, reason: 'must be integer' },
  boolean: { pattern: /^(?:true|false)$/, reason: 'must be boolean' },
};

/** The parameters of every operation that are not text, with their spelling. */
const spelled = new Map(
  Object.entries(operations).map(([operationId, { queryTypes }]) => [
    operationId,
    Object.entries(queryTypes).flatMap(([name, type]) => (spellings[type] ? [{ name, ...spellings[type] }] : [])),
  ]),
);

function findOddities(operationId: OperationId, query: Query): ValidationErrors | undefined {
  const odd = spelled.get(operationId)?.filter(({ name, pattern }) => {
    const value = query[name];
    return value !== undefined && !(typeof value === 'string' && pattern.test(value));
  });
  return odd?.length ? new Map(odd.map(({ name, reason }) => [name, [reason]])) : undefined;
}

/** Refuses numbers and booleans in the query in any other spelling than the canonical one. */
export const refuseOddQueries: RequestHandler = (req, res, next) => {
  // Express parses it whenever it is asked for it.
  const query = req.originalUrl.includes('?') ? req.query : {};
  res.locals.query = query;
  const validationErrors = findOddities(res.locals.operationId, query);
  next(validationErrors ? refuse('ValidationFailed', { validationErrors }) : undefined);
};
