import { bodySchemaOf, type Contract, generalPointer, type Operation, pointerOf } from '../contract.ts';
import type { Case } from './case.ts';
import { followsFromFixed, followsFromUnread } from './expectations.ts';
import { type InvalidRequest, rejectedRequestCase, unknownId } from './rejected-request.ts';
import { queryCases } from './rejected-urls.ts';

/** Requests that have to be rejected for their credentials, media type, query or id. */

function credentialCases(operation: Operation): Case[] {
  if (operation.security.length === 0) return [];
  const pointer = pointerOf('components', 'securitySchemes', ...Object.keys(operation.security[0] ?? {}));
  const common = { check: 'ignored_auth' as const, statuses: 401, pointer };
  const noToken = ['missing_required_header: a request without a token is accepted'];
  const requests: InvalidRequest[] = [
    {
      ...common,
      label: 'a request without a token',
      check: 'missing_required_header',
      change: { authorization: null },
    },
    { ...common, label: 'a wrong token', followsFrom: noToken, change: { authorization: 'Bearer wrong' } },
    {
      ...common,
      label: 'a token of another scheme',
      followsFrom: noToken,
      change: { authorization: 'Basic d3Jvbmc6d3Jvbmc=' },
    },
    { ...common, label: 'a scheme without a token', followsFrom: noToken, change: { authorization: 'Bearer' } },
    {
      ...common,
      label: 'a token with one more character',
      followsFrom: [...noToken, 'ignored_auth: a wrong token is accepted'],
      change: ({ target }) => ({ authorization: `Bearer ${target.token}x` }),
    },
  ];
  return requests.map((request) => rejectedRequestCase(operation, request));
}

/** Statement about the body of every request. */
const everyBody = { pointer: generalPointer, topic: 'Every body' };
const unreadBody = 'a body that is not JSON';
const emptyBody = 'an empty body';

/** Returns the cases about bodies that are not JSON, too large, or of another media type. */
function malformedBodyCases(contract: Contract, operation: Operation): Case[] {
  if (!operation.requestBody) return [];
  const check = 'negative_data_rejection' as const;
  const level = 'extension' as const;
  // No page says when the status is 400 and when it is 422.
  const malformed = contract.includes('inferred') ? 400 : [400, 422];
  const maxBytes = Number(contract.bundle['x-max-body-bytes']);
  const textHeaders = { 'Content-Type': 'text/plain' };
  const utf16Headers = { 'Content-Type': 'application/json; charset=utf-16' };
  const gzipHeaders = { 'Content-Encoding': 'gzip' };
  const requests: InvalidRequest[] = [
    { check, label: unreadBody, statuses: malformed, change: { text: '{"name":' } },
    {
      ...{ check, level, statuses: 400, change: { text: '' } },
      label: emptyBody,
      // A server that takes it for an empty object accepts it in an update, and misses fields in a create request.
      cause: `${emptyBody} is not rejected with 400`,
      followsFrom: [`${check}: requests that have to get 400 get*`],
    },
    {
      ...{ check, label: 'a request without a body', statuses: [400, 415, 422], change: { body: undefined } },
      // An update may have no fields.
      level: (bodySchemaOf(contract, operation)?.required.length ?? 0) > 0 ? ('documented' as const) : level,
    },
    { check, level, label: 'a body that is not an object', statuses: [400, 422], change: { text: '[]' } },
    { check, level, label: 'another media type', statuses: 415, change: { headers: textHeaders } },
    { check, level, label: 'another charset', statuses: 415, change: { headers: utf16Headers } },
    { check, level, label: 'a compressed body', statuses: 415, change: { headers: gzipHeaders } },
    { check, level, label: 'a body that is too large', statuses: 413, change: { text: ' '.repeat(maxBytes + 1) } },
    {
      check,
      level,
      label: 'a duplicate name',
      kind: 'JSON that cannot be stored exactly',
      ...everyBody,
      statuses: [400, 422],
      change: { text: '{"name":"a","name":"b"}' },
    },
  ];
  return requests.map((request) => {
    const followsFrom = [...(request.followsFrom ?? []), ...(request.label === unreadBody ? [] : followsFromUnread)];
    return rejectedRequestCase(operation, { ...request, followsFrom });
  });
}

function unknownIdCases(operation: Operation): Case[] {
  if (!operation.needsRecord) return [];
  const ids = ['00000000-0000-4000-8000-000000000000', 'no-such-id', '😀'];
  return ids.map((id) =>
    rejectedRequestCase(operation, {
      label: `the unknown id ${id}`,
      kind: unknownId,
      followsFrom: followsFromFixed,
      check: 'status_code_conformance',
      statuses: 404,
      change: { id },
    }),
  );
}

/** Returns the cases about requests that every operation has to reject. */
export function rejectedRequestCases(contract: Contract): Case[] {
  return contract.operations.flatMap((operation) => [
    ...credentialCases(operation),
    ...malformedBodyCases(contract, operation),
    ...queryCases(contract, operation),
    ...unknownIdCases(operation),
  ]);
}
