import { invalidValues } from '../boundary-values.ts';
import {
  type Contract,
  generalPointer,
  higherLevel,
  type Level,
  levelOfKeyword,
  type Operation,
  type Parameter,
  parameterPointer,
  pointerOf,
  provenanceOf,
  responsePointer,
  type Schema,
} from '../contract.ts';
import type { CheckName } from '../exchange.ts';
import { type RequestOptions, toQuery } from '../http-client.ts';
import { misspeltReveal } from '../secret-checks.ts';
import type { Session } from '../session.ts';
import { createTestApp } from './apps.ts';
import type { Case } from './case.ts';
import { followsFromStub, rejectionCause } from './expectations.ts';
import { validBody } from './fields.ts';

/** Requests that have to be rejected for their credentials, media type, query or id. */

const isWriting = ({ method }: Operation) => method !== 'get';

/** Returns a valid request of an operation. Creates an app where it needs one. */
async function createValidRequest(
  session: Session,
  operation: Operation,
  needsRecord: boolean,
): Promise<RequestOptions> {
  const created = needsRecord ? await createTestApp(session) : undefined;
  const body = operation.requestBody ? { body: await validBody(session, operation) } : {};
  return { ...(created && { id: created.app.id }), ...body };
}

interface InvalidRequest {
  /** Description of the invalid part: `a wrong token`. */
  readonly label: string;
  /**
   * Label without values.
   *
   * @default the label
   */
  readonly kind?: string;
  /** Causes, each as `check: cause`, that explain an accepted request. */
  readonly followsFrom?: readonly string[];
  readonly check: CheckName;
  /** Statuses that the contract allows. */
  readonly statuses: number | readonly number[];
  /** Difference from a valid request. */
  readonly change: RequestOptions | ((session: Session) => RequestOptions);
  /**
   * JSON pointer to the violated statement.
   *
   * @default the response with the expected status
   */
  readonly pointer?: string;
  /** First words of the paragraph at the pointer. */
  readonly topic?: string;
  readonly level?: Level;
}

/** Returns a case that sends an invalid request. */
function rejectedRequestCase(operation: Operation, invalid: InvalidRequest): Case {
  const { label, kind = label, followsFrom = [], check, statuses, change, topic, level } = invalid;
  // A request that has an id of its own needs no app, so that a run that may change nothing sends it too.
  const needsRecord = operation.needsRecord && (typeof change === 'function' || change.id === undefined);
  const { pointer = responsePointer(operation, [statuses].flat()[0] ?? 422) } = invalid;
  return {
    name: `${operation.operationId} rejects ${label}`,
    kind: `rejects with ${[statuses].flat().join()}`,
    operationId: operation.operationId,
    check,
    level,
    isMutating: isWriting(operation) || needsRecord || Object.keys(operation.parents).length > 0,
    async run(session) {
      const changed = typeof change === 'function' ? change(session) : change;
      const exchange = await session.send(operation, {
        ...(await createValidRequest(session, operation, needsRecord)),
        ...changed,
      });
      session.expectStatus(exchange, operation, statuses, {
        check,
        message: `${label} got ${exchange.response.status} instead of ${[statuses].flat().join(' or ')}`,
        cause:
          kind === 'an unknown id' && exchange.response.status < 400
            ? 'an unknown id is found'
            : rejectionCause(kind, exchange.response.status, statuses),
        followsFrom: [...followsFrom, ...followsFromStub(operation)],
        pointer,
        topic,
      });
    },
  };
}

function credentialCases(operation: Operation): Case[] {
  if (operation.security.length === 0) return [];
  const pointer = pointerOf('components', 'securitySchemes', ...Object.keys(operation.security[0] ?? {}));
  const common = { check: 'ignored_auth' as const, statuses: 401, pointer };
  const noToken = [`${operation.operationId} missing_required_header: a request without a token is accepted`];
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
      followsFrom: [...noToken, `${operation.operationId} ignored_auth: a wrong token is accepted`],
      change: ({ target }) => ({ authorization: `Bearer ${target.token}x` }),
    },
  ];
  return requests.map((request) => rejectedRequestCase(operation, request));
}

/** Statements about the body and the URL of every request. */
const everyBody = { pointer: generalPointer, topic: 'Every body' };
const everyUrl = { pointer: generalPointer, topic: 'Every URL' };

/** Returns the cases about bodies that are not JSON, too large, or of another media type. */
function malformedBodyCases(contract: Contract, operation: Operation): Case[] {
  if (!operation.requestBody) return [];
  const check = 'negative_data_rejection' as const;
  const level = 'extension' as const;
  // No page says when the status is 400 and when it is 422.
  const malformed = contract.includes('inferred') ? 400 : [400, 422];
  const maxBytes = Number(contract.bundle['x-max-body-bytes']);
  const textHeaders = { 'Content-Type': 'text/plain' };
  const gzipHeaders = { 'Content-Encoding': 'gzip' };
  const requests: InvalidRequest[] = [
    { check, label: 'a body that is not JSON', statuses: malformed, change: { text: '{"name":' } },
    { check, level, label: 'an empty body', statuses: 400, change: { text: '' } },
    { check, level, label: 'a body that is not an object', statuses: [400, 422], change: { text: '[]' } },
    { check, level, label: 'another media type', statuses: 415, change: { headers: textHeaders } },
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
  return requests.map((request) => rejectedRequestCase(operation, request));
}

/** Invalid texts that a lenient parser accepts as a number or a boolean. */
const lenientTexts: Readonly<Record<string, readonly string[]>> = {
  integer: ['Infinity', '1e400', 'NaN', '0x10', ' 5 ', '1e1', '05', '5.0', '٥', '9007199254740993', ''],
  boolean: ['0', '1', 'True', 'False', 'no', ''],
};

const invalidKind = 'an invalid query parameter';
const emptyKind = 'an empty query parameter';

interface InvalidQuery {
  readonly pointer?: string;
  readonly topic?: string;
  readonly label: string;
  readonly kind: string;
  readonly name: string;
  readonly value: string;
  readonly level: Level;
}

/** Returns the invalid values of a query parameter: those of its schema, of lenient parsers, and malformed JSON. */
function invalidQueries(contract: Contract, parameter: Parameter): InvalidQuery[] {
  const { name } = parameter;
  const schema = contract.deref<Schema>(parameter.schema);
  const ofText =
    (kind: string, level: Level, statement: Partial<InvalidQuery> = {}) =>
    (value: string) => ({
      label: `${name}=${value}`,
      kind,
      name,
      value,
      level,
      ...statement,
    });
  const ofSchema = invalidValues(schema)
    // Every value in a query is text, so that another type cannot be sent.
    .filter(({ keyword }) => keyword !== 'type' && keyword !== 'null')
    .map(({ keyword, label, value }) => {
      const level = higherLevel(levelOfKeyword(keyword), provenanceOf(parameter));
      const kind = value === '' ? emptyKind : invalidKind;
      return { label: `${label} in ${name}`, kind, name, value: String(value), level };
    });
  const lenientKind = `a lenient spelling of ${schema.type === 'integer' ? 'an' : 'a'} ${schema.type}`;
  const statement = schema.type === 'integer' ? everyUrl : {};
  const lenient = (lenientTexts[schema.type as string] ?? []).map((text) =>
    ofText(text === '' ? emptyKind : lenientKind, 'extension', statement)(text),
  );
  const isJson = parameter['x-content-media-type'] === 'application/json';
  const malformedJson = isJson
    ? ['{', '[]', '42'].map(ofText('a query parameter that is not a JSON object', 'inferred'))
    : [];
  return [...ofSchema, ...lenient, ...malformedJson];
}

function queryCases(contract: Contract, operation: Operation): Case[] {
  const level = 'extension' as const;
  const common = { check: 'negative_data_rejection' as const, level };
  const parameters = operation.parameters.filter(({ in: where }) => where === 'query').filter(contract.requires);
  const firstName = parameters[0]?.name ?? 'provider';
  const queries = [
    ...parameters.flatMap((parameter) => invalidQueries(contract, parameter)),
    {
      label: 'an unknown query parameter',
      kind: 'an unknown query parameter',
      name: 'no_such_parameter',
      value: '1',
      level,
      ...everyUrl,
    },
  ];
  const requests: InvalidRequest[] = [
    ...queries.map(({ name, value, ...query }) => {
      const followsFrom = [
        `filter_semantics: the filter ${name} is ignored`,
        `stable_paging: the parameter ${name} is ignored`,
        `secret_masking: ${misspeltReveal(name)}`,
        ...(query.kind === emptyKind ? [`negative_data_rejection: ${invalidKind} is accepted`] : []),
      ];
      const pointer = parameterPointer(contract, operation, name);
      return {
        ...common,
        pointer,
        ...query,
        followsFrom,
        statuses: 422,
        change: { query: toQuery({ [name]: value }) },
      };
    }),
    {
      ...common,
      ...everyUrl,
      label: 'a query that is not UTF-8',
      followsFrom: [
        parameters.length > 0
          ? `filter_semantics: the filter ${firstName} is ignored`
          : 'negative_data_rejection: an unknown query parameter is accepted',
      ],
      statuses: 400,
      change: { query: `?${firstName}=%E0%A4` },
    },
  ];
  return requests.map((request) => rejectedRequestCase(operation, request));
}

function unknownIdCases(operation: Operation): Case[] {
  if (!operation.needsRecord) return [];
  const ids = ['00000000-0000-4000-8000-000000000000', 'no-such-id', '😀'];
  return ids.map((id) =>
    rejectedRequestCase(operation, {
      label: `the unknown id ${id}`,
      kind: 'an unknown id',
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
