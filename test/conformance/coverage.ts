import { bodySchemaOf, type Contract, type Operation, type Schema } from './contract.ts';
import type { Exchange } from './exchange.ts';
import type { Sending } from './sender.ts';

/** Why a documented status cannot be brought about by a client with a token that may do everything. */
const unprovokable: Readonly<Record<string, string>> = {
  403: 'needs a token that lacks a scope',
  409: 'needs a full account, or two calls at the very same time',
  429: 'needs a limit to be exceeded, which would hold up everything else',
  500: 'needs a fault of the server',
  503: 'needs a fault of the server',
};

/** Below the extensions, few pages say what a request could be refused for. */
function reasonFor(contract: Contract, operation: Operation, status: string): string | undefined {
  if (contract.includes('extension') || (status !== '400' && status !== '422')) return unprovokable[status];
  const hasInput = operation.requestBody !== undefined || (status === '422' && operation.verb === 'list');
  return contract.includes('inferred') && hasInput ? undefined : 'no published page says what brings it about';
}

/** One thing that the contract has, and whether the suite has seen it. */
export interface CoverageItem {
  readonly kind: 'status' | 'parameter' | 'property' | 'value';
  readonly name: string;
  readonly isCovered: boolean;
  /** Set where a client cannot cover it. */
  readonly reason?: string;
}

export interface Coverage {
  /** Remembers what a request has in it. */
  record(operation: Operation, sending: Sending, exchange: Exchange): void;
  /** Remembers the status and media type of an answer. */
  recordStatus(operation: Operation, exchange: Exchange): void;
  /** Everything that the contract has at its level. */
  list(): CoverageItem[];
}

interface Response {
  content?: Record<string, unknown>;
}

/** Statuses by operation and media type, parameters, request properties and values of closed lists. */
export function createCoverage(contract: Contract): Coverage {
  const seen = new Set<string>();
  const statusName = (operation: Operation, status: string, mediaType: string) =>
    `${operation.operationId} ${status}${mediaType === '' ? '' : ` ${mediaType}`}`;

  const items: Omit<CoverageItem, 'isCovered'>[] = contract.operations.flatMap((operation) => {
    const { operationId } = operation;
    const statuses = Object.entries(operation.responses)
      .filter(([, response]) => contract.demands(response))
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
    const parameters = operation.parameters.filter((parameter) => contract.demands(parameter));
    const properties = Object.entries(bodySchemaOf(contract, operation)?.properties ?? {});
    return [
      ...statuses,
      ...parameters.map(({ name }) => ({ kind: 'parameter' as const, name: `${operationId} ${name}` })),
      ...parameters.flatMap(({ name, schema }) => valuesOf(name, contract.deref<Schema>(schema))),
      ...properties.map(([name]) => ({ kind: 'property' as const, name: `${operationId} ${name}` })),
      ...properties.flatMap(([name, schema]) => valuesOf(name, schema)),
    ];
  });

  return {
    record({ operationId, parameters }, { id, headers = {}, body }, { request, response }) {
      // A request that was refused shows nothing of what an accepted one may hold.
      if (response.status >= 400) return;
      const query = new URL(request.url).searchParams;
      for (const { name, in: where } of parameters) {
        const value = where === 'query' ? query.get(name) : where === 'header' ? headers[name] : id;
        if (value === null || value === undefined) continue;
        seen.add(`${operationId} ${name}`);
        seen.add(`${operationId} ${name}=${value}`);
      }
      for (const [name, value] of Object.entries((body ?? {}) as object)) {
        seen.add(`${operationId} ${name}`);
        if (typeof value === 'string') seen.add(`${operationId} ${name}=${value}`);
      }
    },
    recordStatus(operation, { response }) {
      const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
      seen.add(statusName(operation, String(response.status), type));
      // At the lower levels an error may be plain JSON.
      if (response.status >= 400 && !contract.includes('extension')) {
        seen.add(statusName(operation, String(response.status), 'application/problem+json'));
      }
    },
    list: () => items.map((item) => ({ ...item, isCovered: seen.has(item.name) })),
  };
}

/** How much of what a client can cover was covered, from 0 to 1. */
export function coveredShare(items: readonly CoverageItem[]): number {
  const possible = items.filter(({ reason, isCovered }) => reason === undefined || isCovered);
  return possible.length === 0 ? 1 : possible.filter(({ isCovered }) => isCovered).length / possible.length;
}
