/** Reads `Prefer`, by which a client selects a response of the mock (RFC 7240). */
import type { OperationId } from '../../generated/operations.ts';
import { documentedResponses } from '../../generated/responses.ts';
import type { Preferences } from './prism.ts';

/** Returns the preferences that the mock knows, by name. Quotes and parameters are removed. */
function readTokens(header: string): ReadonlyMap<string, string> {
  const tokens = header.split(',').map((text) => /^\s*(\w+)\s*=\s*"?([^";]*)"?/.exec(text));
  return new Map(tokens.flatMap((token) => (token ? [[token[1]?.toLowerCase() ?? '', token[2]?.trim() ?? '']] : [])));
}

/** Returns the names of the documented responses of an operation by status, as text. */
function listResponses(operationId: OperationId): string {
  const named = Object.entries(documentedResponses[operationId].examples);
  const byStatus = Map.groupBy(named, ([, { status }]) => status);
  return [...byStatus].map(([status, all]) => `${status} (${all.map(([name]) => name).join(', ')})`).join(', ');
}

/**
 * Returns what a request prefers, or the reason why no response of the operation can be selected. Preferences that the
 * mock does not know are ignored.
 */
export function readPreferences(header: string, operationId: OperationId): Preferences | string {
  const tokens = readTokens(header);
  const [code, example, dynamic, seed] = ['code', 'example', 'dynamic', 'seed'].map((name) => tokens.get(name));
  const others = { ...(dynamic !== undefined && { dynamic: dynamic === 'true' }), ...(seed !== undefined && { seed }) };
  if (code === undefined && example === undefined) return others;
  const found = Object.entries(documentedResponses[operationId].examples).find(
    ([name, { status }]) => (example === undefined || name === example) && (code === undefined || `${status}` === code),
  );
  if (found === undefined)
    return `must select a documented response by code=<status> or example=<name>: ${listResponses(operationId)}`;
  const [name, { status, example: exists }] = found;
  return { ...others, code: status, ...(example !== undefined && exists !== undefined && { exampleKey: name }) };
}
