// @databases none
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { OAuthApp } from '../../generated/types.ts';
import type { Handlers, Success } from '../../server/operation-types.ts';
import { loadValidators } from '../../server/validation/validators.ts';
import { bundle, operations as described, getDocumentedResponse } from '../contract/documented.ts';

const faults: unknown[] = [];
const log = { fault: (_request: unknown, error: unknown) => void faults.push(error) } as never;
const strict = loadValidators({ responseValidation: 'strict', log });
const report = loadValidators({ responseValidation: 'report', log });

/** Every documented response below 500 with each header that its handler has to set. */
const cases = described.flatMap((operation) => {
  const operationId = operation.operationId as OperationId;
  const required = Object.entries<readonly string[]>(operations[operationId].requiredHeaders);
  return required
    .filter(([status]) => Number(status) < 500)
    .flatMap(([status, names]) =>
      names
        .filter((name) => name !== 'X-Request-Id')
        .map((name) => ({ operationId, status, name, response: getDocumentedResponse(operation, status) })),
    );
});

const without = (headers: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));

const app = bundle.components.examples.OAuthApp?.value as OAuthApp;
const headers = { 'Cache-Control': 'no-store', ETag: '"v1"' };

describe('required response headers', () => {
  it('are found in the description', () => {
    expect(cases.map(({ operationId, status, name }) => `${operationId} ${status} ${name}`)).toEqual(
      expect.arrayContaining(['listOAuthApps 200 Cache-Control', 'createOAuthApp 200 ETag', 'getOAuthApp 304 ETag']),
    );
  });

  it.each(cases)('make $operationId with $status invalid without $name', ({ operationId, name, response }) => {
    const { mediaType, ...parts } = response;
    const complete = { ...parts, ...(mediaType && { mediaType }) };
    const validate = (validators: typeof strict, sent: Record<string, string>) =>
      validators[operationId].validateResponse({ ...complete, headers: sent }, '/');
    expect(() => validate(strict, response.headers)).not.toThrow();
    expect(() => validate(strict, without(response.headers, name))).toThrow(`must have required header ${name}`);
    faults.length = 0;
    validate(report, without(response.headers, name));
    expect(faults).toMatchObject([{ message: `response must have required header ${name}` }]);
  });

  it('are typed in the result of a handler', () => {
    type Created = Success<'createOAuthApp'>['headers'];
    expectTypeOf<{ 'Cache-Control': string; ETag: string }>().toExtend<Created>();
    expectTypeOf<undefined>().toExtend<Success<'deleteOAuthApp'>['headers']>();
    type Gets = Pick<Handlers, 'getOAuthApp'>;
    const { ETag: _, ...noStore } = headers;
    // @ts-expect-error: the headers are missing
    const none: Gets = { getOAuthApp: async () => ({ status: 200, body: app }) };
    // @ts-expect-error: the ETag is missing
    const noTag: Gets = { getOAuthApp: async () => ({ status: 304, headers: noStore }) };
    const right: Gets = { getOAuthApp: async () => ({ status: 200, body: app, headers }) };
    expect([none, noTag, right]).toHaveLength(3);
  });
});
