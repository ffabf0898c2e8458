import { bodySchemaOf, type Contract, type Operation, type Schema } from './contract.ts';
import type { Exchange } from './exchange.ts';
import type { RequestOptions } from './http-client.ts';
import { mediaTypeOf } from './response-checks.ts';

/** Reasons why a client with all scopes cannot provoke a documented status. */
const outOfReach: Readonly<Record<string, string>> = {
  403: 'needs a token that lacks a scope',
  408: 'needs a request that never arrives',
  409: 'needs a full account, or two requests at the same time',
  429: 'needs a rate limit to be exceeded, which would delay every other request',
  431: 'needs headers that a proxy in front may reject by itself',
  500: 'needs a fault of the server',
  503: 'needs a fault of the server',
};

/** Returns why a status is out of reach. Below the extensions, few pages say when a request has to be rejected. */
function reasonFor(contract: Contract, operation: Operation, status: string): string | undefined {
  if (contract.includes('extension') || (status !== '400' && status !== '422')) return outOfReach[status];
  const hasInput = operation.requestBody !== undefined || (status === '422' && operation.verb === 'list');
  return contract.includes('inferred') && hasInput ? undefined : 'no published page says what causes it';
}

/**
 * Part of the contract that a run can cover.
 *
 * @example
 * const item: CoverageItem = { kind: 'status', name: 'getOAuthApp 200', isCovered: true };
 */
export interface CoverageItem {
  /** Kind of the part of the contract. */
  readonly kind: 'status' | 'parameter' | 'property' | 'value' | 'check' | 'keyword';
  /** Place of the part, such as an operation with a status. */
  readonly name: string;
  /** Whether the run has covered it. */
  readonly isCovered: boolean;
  /** Reason why a client cannot cover it, if there is one. */
  readonly reason?: string;
}

/** Coverage of a run. */
export interface Coverage {
  /** Records the parameters, properties and values of an accepted request. */
  record(operation: Operation, options: RequestOptions, exchange: Exchange): void;
  /** Records the status and media type of a response. */
  recordStatus(operation: Operation, exchange: Exchange): void;
  /** Returns every part of the contract at its level. */
  list(): CoverageItem[];
}

interface Response {
  content?: Record<string, unknown>;
}

const statusName = ({ operationId }: Operation, status: string, mediaType: string) =>
  `${operationId} ${status}${mediaType === '' ? '' : ` ${mediaType}`}`;

/** Lists statuses by operation and media type, parameters, request properties and enum values. */
function listCoverable(contract: Contract, operation: Operation): Omit<CoverageItem, 'isCovered'>[] {
  const { operationId } = operation;
  const statuses = Object.entries(operation.responses)
    .filter(([, response]) => contract.requires(response))
    .flatMap(([status, response]) => {
      const types = Object.keys(contract.deref<Response>(response).content ?? { '': {} });
      return types.map((type) => ({
        kind: 'status' as const,
        name: statusName(operation, status, type),
        reason: reasonFor(contract, operation, status),
      }));
    });
  const valuesOf = (name: string, schema: Schema) =>
    (schema.enum ?? []).map((value) => ({ kind: 'value' as const, name: `${operationId} ${name}=${value}` }));
  const parameters = operation.parameters.filter((parameter) => contract.requires(parameter));
  const properties = Object.entries(bodySchemaOf(contract, operation)?.properties ?? {});
  return [
    ...statuses,
    ...parameters.map(({ name }) => ({ kind: 'parameter' as const, name: `${operationId} ${name}` })),
    ...parameters.flatMap(({ name, schema }) => valuesOf(name, contract.deref<Schema>(schema))),
    ...properties.map(([name]) => ({ kind: 'property' as const, name: `${operationId} ${name}` })),
    ...properties.flatMap(([name, schema]) => valuesOf(name, schema)),
  ];
}

/** Creates the coverage of a run, with nothing covered. */
export function createCoverage(contract: Contract): Coverage {
  const seen = new Set<string>();
  const items = contract.operations.flatMap((operation) => listCoverable(contract, operation));
  const names = new Set(items.map(({ name }) => name));
  /** Values that are no part of the contract would fill the memory. */
  const see = (name: string) => {
    if (names.has(name)) seen.add(name);
  };

  return {
    record({ operationId, parameters }, { id, parents = {}, headers = {}, body }, { request, response }) {
      // A rejected request does not show which values the server accepts.
      if (response.status >= 400) return;
      const query = new URL(request.url).searchParams;
      for (const { name, in: where } of parameters) {
        const value = where === 'query' ? query.get(name) : where === 'header' ? headers[name] : (parents[name] ?? id);
        if (value === null || value === undefined) continue;
        see(`${operationId} ${name}`);
        see(`${operationId} ${name}=${value}`);
      }
      for (const [name, value] of Object.entries((body ?? {}) as object)) {
        see(`${operationId} ${name}`);
        if (typeof value === 'string') see(`${operationId} ${name}=${value}`);
      }
    },
    recordStatus(operation, { response }) {
      const type = mediaTypeOf(response);
      see(statusName(operation, String(response.status), type));
      // At the lower levels an error may be plain JSON.
      if (response.status >= 400 && !contract.includes('extension')) {
        see(statusName(operation, String(response.status), 'application/problem+json'));
      }
    },
    list: () => items.map((item) => ({ ...item, isCovered: seen.has(item.name) })),
  };
}

/** Returns the covered share, from 0 to 1, of the parts that a client can cover. */
export function coveredShare(items: readonly CoverageItem[]): number {
  const possible = items.filter(({ reason, isCovered }) => reason === undefined || isCovered);
  return possible.length === 0 ? 1 : possible.filter(({ isCovered }) => isCovered).length / possible.length;
}
