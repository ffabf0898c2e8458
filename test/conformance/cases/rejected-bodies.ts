import { invalidValues, metadataBoundaries, otherLettersLabel } from '../boundary-values.ts';
import {
  type BodySchema,
  type Contract,
  higherLevel,
  type Level,
  levelOfKeyword,
  type Operation,
  pointerOf,
  provenanceOf,
  responsePointer,
} from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { RequestOptions } from '../http-client.ts';
import { isFreeForm } from '../resources.ts';
import { otherErrors } from '../response-checks.ts';
import type { Session } from '../session.ts';
import { createTestApp, isUnchanged, readApp } from './apps.ts';
import type { Case } from './case.ts';
import {
  expectTrue,
  followsFromRejecting,
  followsFromUnread,
  followsFromUpdate,
  rejectionCause,
} from './expectations.ts';
import { validBody } from './fields.ts';

/** Request bodies that have to be rejected, with problem details that name the field. */

type Body = Record<string, unknown>;

interface InvalidBody {
  /** Description of the body: `an empty string in name`. */
  readonly label: string;
  /** Label without values and field: `a text that is too short`. */
  readonly kind: string;
  readonly field: string;
  /** Keyword that the body violates. */
  readonly keyword: string;
  readonly level: Level;
  readonly pointer: string;
  /** Returns the request that has the invalid body, made from a valid one. */
  readonly requestOf: (valid: Body) => RequestOptions;
  /** Whether a server may also reject the body as malformed JSON. */
  readonly isMalformed?: boolean;
}

interface Problem {
  validation_errors?: Record<string, unknown>;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const haveSameKeys = (one: object, other: object) => isDeepEqual(Object.keys(one).sort(), Object.keys(other).sort());

/** Sends an invalid body. Reports one that is accepted, that changes the app, or whose field is not named. */
async function checkRejected(session: Session, operation: Operation, invalid: InvalidBody) {
  const { label, kind, field, pointer, requestOf, isMalformed = false } = invalid;
  const needsApp = operation.needsRecord;
  const created = needsApp ? await createTestApp(session) : undefined;
  if (needsApp && created === undefined) return;
  const valid = await validBody(session, operation);
  const options = requestOf(valid);
  const exchange = await session.send(operation, { id: created?.app.id, ...options });
  const { status, json } = exchange.response;
  // No page says when the status is 400 and when it is 422.
  const statuses = isMalformed || !session.contract.includes('inferred') ? [400, 422] : [422];
  const message = `${label} got ${status} instead of ${statuses.join(' or ')}`;
  const check = 'negative_data_rejection';
  const shown = (json as Body | undefined)?.[field];
  const sent = (options.body as Body | undefined)?.[field];
  const isReplaced = status < 300 && shown !== undefined && !isDeepEqual(shown, sent);
  // An object whose values were changed is stored like those that are valid.
  const isChanged = isReplaced && isObject(sent) && isObject(shown) && haveSameKeys(sent, shown);
  // A server that shows the same value for a valid one has not seen either.
  const showValid = async () => (await session.send(operation, { id: created?.app.id, body: valid })).response.json;
  const isIgnored = isReplaced && isDeepEqual(shown, ((await showValid()) as Body | undefined)?.[field]);
  const followsFrom = [
    ...followsFromUnread,
    ...followsFromRejecting(operation),
    ...followsFromUpdate(operation, field),
    ...(kind === otherLettersLabel ? [`${check}: a value outside the enum is accepted`] : []),
    ...(isIgnored || isChanged ? [`read_your_writes: ${field} is not stored as it was sent`] : []),
  ];
  const cause = rejectionCause(kind, status, statuses);
  const isRejected = session.expectStatus(exchange, operation, statuses, {
    check,
    message,
    cause,
    followsFrom,
    pointer,
  });
  if (isRejected && created) {
    const holds = await isUnchanged(session, created.app, (await readApp(session, created.app.id))?.app);
    const changed = `${label} was rejected and still changed the app`;
    const changedCause = 'a rejected update changes the app';
    expectTrue(session, exchange, operation, holds, { check, message: changed, cause: changedCause, pointer });
  }
  if (status !== 422 || statuses.length > 1) return;
  const namedFields = Object.keys((json as Problem | undefined)?.validation_errors ?? {});
  const isNamed = namedFields.some((name) => name === field || name.startsWith(`${field}.`));
  const unnamed = `${label} was rejected without naming ${field} in validation_errors`;
  expectTrue(session, exchange, operation, isNamed, {
    check: 'problem_shape',
    message: unnamed,
    cause: 'a 422 does not name the field in validation_errors',
    followsFrom:
      namedFields.length > 0
        ? []
        : [
            `problem_shape: the body must have required property 'validation_errors'`,
            `problem_shape: ${otherErrors}`,
            'problem_shape: the body is not JSON',
          ],
    expected: `${field} in validation_errors`,
    got: namedFields.join(', ') || 'no field',
    pointer: responsePointer(operation, 422),
  });
}

/** Returns the kind of a violated keyword. Values of other types are one kind, but for null. */
const kindOfKeyword = (keyword: string, label: string) => (keyword === 'type' ? 'a value of another type' : label);

const replaceField = (field: string, value: unknown) => (valid: Body) => ({ body: { ...valid, [field]: value } });

function invalidFieldValues(contract: Contract, schema: BodySchema): InvalidBody[] {
  return Object.entries(schema.properties).flatMap(([field, property]): InvalidBody[] => [
    ...invalidValues(property, contract.deref).map(({ keyword, label, value }) => ({
      label: `${label} in ${field}`,
      kind: kindOfKeyword(keyword, label),
      field,
      keyword,
      level: higherLevel(levelOfKeyword(keyword), provenanceOf(schema.nodes[field])),
      pointer: `${schema.pointer}${pointerOf('properties', field)}`,
      requestOf: replaceField(field, value),
    })),
    ...metadataBoundaries(property)
      .filter(({ isValid }) => !isValid)
      .map(({ keyword, label, value, level }) => ({
        label: `${label} in ${field}`,
        kind: 'an object beyond its limits',
        field,
        keyword,
        level,
        pointer: `${schema.pointer}${pointerOf('properties', field)}`,
        requestOf: replaceField(field, value),
      })),
  ]);
}

function missingFields(schema: BodySchema): InvalidBody[] {
  return schema.required.map((field) => ({
    label: `the missing field ${field}`,
    kind: 'a missing field',
    field,
    keyword: 'required',
    level: levelOfKeyword('required'),
    pointer: `${schema.pointer}${pointerOf('required')}`,
    requestOf: ({ [field]: _, ...body }) => ({ body }),
  }));
}

/** Returns bodies with fields that they must not have: those of an app that cannot be sent, and unknown ones. */
function unexpectedFields({ resource }: Contract, { verb }: Operation, schema: BodySchema): InvalidBody[] {
  if (schema.isOpen) return [];
  const ofApp = Object.keys(resource?.fields ?? {}).filter((name) => !(name in schema.nodes));
  return [...ofApp, 'no_such_field', 'constructor'].map((field) => ({
    label: `the unexpected field ${field}`,
    kind: 'an unexpected field',
    field,
    keyword: 'additionalProperties',
    // An accepted update would look as if the field were updated. No page says what create does with such a field.
    level: verb === 'update' ? 'inferred' : 'extension',
    pointer: `${schema.pointer}${pointerOf('additionalProperties')}`,
    requestOf: replaceField(field, 'x'),
  }));
}

/** JSON texts of values that cannot be stored unchanged. */
const unstorableObjects: Readonly<Record<string, string>> = {
  'a duplicate name': '{"a":1,"a":2}',
  'the name __proto__': '{"__proto__":{"a":1}}',
  'the character U+0000': '{"a":"\\u0000"}',
  'a lone surrogate': '{"a":"\\ud800"}',
  'a number too large for a double': '{"a":1e400}',
  'a number too precise for a double': '{"a":9007199254740993}',
};

/** Returns bodies with objects that cannot be stored unchanged. */
function unstorableBodies(schema: BodySchema): InvalidBody[] {
  const fields = Object.keys(schema.properties).filter((field) => isFreeForm(schema.properties[field]));
  return fields.flatMap((field) =>
    Object.entries(unstorableObjects).map(([label, text]) => ({
      label: `${label} in ${field}`,
      kind: 'JSON that cannot be stored exactly',
      field,
      keyword: 'type',
      level: 'extension' as const,
      pointer: `${schema.pointer}${pointerOf('properties', field, 'description')}`,
      requestOf: (valid: Body) => ({
        text: JSON.stringify({ ...valid, [field]: 0 }).replace(`"${field}":0`, () => `"${field}":${text}`),
      }),
      isMalformed: true,
    })),
  );
}

/** Returns the cases about bodies that an operation has to reject. */
export function rejectedBodyCases(contract: Contract, operation: Operation, schema: BodySchema): Case[] {
  const { operationId } = operation;
  const invalidBodies = [
    ...invalidFieldValues(contract, schema),
    ...missingFields(schema),
    ...unexpectedFields(contract, operation, schema),
    ...unstorableBodies(schema),
  ];
  return invalidBodies.map((invalid) => ({
    name: `${operationId} rejects ${invalid.label}`,
    kind: `rejects a body with ${invalid.isMalformed ? '400' : '422'}`,
    operationId,
    covers: [`${operationId} ${invalid.field} ${invalid.keyword === 'null' ? 'type' : invalid.keyword}`],
    check: 'negative_data_rejection',
    level: invalid.level,
    isMutating: true,
    needsNoRecord: !operation.needsRecord,
    run: (session) => checkRejected(session, operation, invalid),
  }));
}
