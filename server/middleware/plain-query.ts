import type { RequestHandler } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import { refuse, type ValidationErrors } from '../problem.ts';

/** How a value that is not text is spelled. The validator alone would also take `0x10`, `1e1`, ` 5 ` or `Infinity`. */
const spellings: Record<string, { pattern: RegExp; reason: string }> = {
  integer: { pattern: /^(?:0|-?[1-9]\d{0,15})$/, reason: 'must be integer' },
  boolean: { pattern: /^(?:true|false)$/, reason: 'must be boolean' },
};

function findOddities(operationId: OperationId, query: Record<string, unknown>): ValidationErrors {
  const odd = Object.entries(operations[operationId].queryTypes).flatMap(([name, type]) => {
    const { pattern, reason } = spellings[type] ?? {};
    const value = query[name];
    const isPlain = value === undefined || (typeof value === 'string' && pattern?.test(value));
    return isPlain || reason === undefined ? [] : [[name, [reason]] as const];
  });
  return new Map(odd);
}

/** Refuses numbers and booleans in the query in any other spelling than the canonical one. */
export const refuseOddQueries: RequestHandler = (req, res, next) => {
  const validationErrors = findOddities(res.locals.operationId, req.query);
  next(validationErrors.size > 0 ? refuse('ValidationFailed', { validationErrors }) : undefined);
};
