import {
  type bodySchemaOf,
  type Contract,
  type Level,
  levelOfKeyword,
  type Operation,
  pointerOf,
  type Schema,
} from '../contract.ts';
import type { Sending } from '../sender.ts';
import type { Session } from '../session.ts';
import { invalidValues, metadataEdges } from '../values.ts';
import { type Case, exampleBody, expectTrue, isSame, makeApp, readApp } from './case.ts';

/** Bodies that have to be refused, and what has to be said about them. */

export type BodySchema = NonNullable<ReturnType<typeof bodySchemaOf>>;

interface Refusal {
  readonly label: string;
  readonly field: string;
  readonly level: Level;
  readonly pointer: string;
  readonly sendingOf: (valid: Record<string, unknown>) => Sending;
  /** Whether a body that cannot be read as JSON is a way to see it, too. */
  readonly isUnreadable?: boolean;
}

interface Problem {
  validation_errors?: Record<string, unknown>;
}

/** Demands a refusal that names the field and changes nothing. */
async function expectRefused(session: Session, operation: Operation, refusal: Refusal) {
  const { label, field, pointer, sendingOf, isUnreadable = false } = refusal;
  const needsApp = operation.path.includes('{');
  const made = needsApp ? await makeApp(session) : undefined;
  if (needsApp && made === undefined) return;
  const sending = sendingOf(exampleBody(session, operation));
  const exchange = await session.send(operation, { id: made?.app.id, ...sending });
  const { status, json } = exchange.response;
  // No page says when it is 400 and when 422.
  const statuses = isUnreadable || !session.contract.includes('inferred') ? [400, 422] : [422];
  const message = `${label} in ${field} is answered with ${status}, not ${statuses.join(' or ')}`;
  const check = 'negative_data_rejection';
  const isRefused = session.expectStatus(exchange, operation, statuses, { check, message, pointer });
  if (isRefused && made) {
    const after = (await readApp(session, made.app.id))?.app;
    const isKept = after === undefined || isSame({ ...after, health: 0 }, { ...made.app, health: 0 });
    const changed = `${label} in ${field} is refused, and changes the app`;
    expectTrue(session, exchange, operation, isKept, { check, message: changed, pointer });
  }
  if (status !== 422 || statuses.length > 1) return;
  const named = Object.keys((json as Problem | undefined)?.validation_errors ?? {});
  const isNamed = named.some((name) => name === field || name.startsWith(`${field}.`));
  const unnamed = `${label} in ${field} is refused without naming ${field} in validation_errors`;
  expectTrue(session, exchange, operation, isNamed, { check: 'problem_shape', message: unnamed, pointer });
}

/** The fields of an app that a body does not take. */
function foreignFields(contract: Contract, schema: BodySchema): string[] {
  const shown = contract.deref<Schema & { properties?: object }>({ $ref: '#/components/schemas/OAuthApp' });
  return Object.keys(shown.properties ?? {}).filter((name) => !(name in schema.properties));
}

/** Values that JSON has a spelling for, and that cannot be kept exactly. */
const unkeepable: Readonly<Record<string, string>> = {
  'a name that is given twice': '{"a":1,"a":2}',
  'the name __proto__': '{"__proto__":{"a":1}}',
  'the character U+0000': '{"a":"\\u0000"}',
  'half a surrogate pair': '{"a":"\\ud800"}',
  'a number that is too large': '{"a":1e400}',
  'a number that is too long': '{"a":9007199254740993}',
};

/** Every case about bodies that have to be refused. */
export function refusals(contract: Contract, operation: Operation, schema: BodySchema): Case[] {
  const { operationId, verb } = operation;
  const at = (keyword: string) => `${schema.pointer}${pointerOf(keyword)}`;
  const set = (field: string, value: unknown) => (valid: Record<string, unknown>) => ({
    body: { ...valid, [field]: value },
  });
  const values = Object.entries(schema.properties).flatMap(([field, property]): Refusal[] => [
    ...invalidValues(property).map(({ keyword, label, value }) => {
      const pointer = `${at('properties')}${pointerOf(field)}`;
      return { label, field, level: levelOfKeyword(keyword), pointer, sendingOf: set(field, value) };
    }),
    ...metadataEdges(property)
      .filter(({ isValid }) => !isValid)
      .map(({ label, value, level }) => {
        const pointer = pointerOf('components', 'schemas', 'Metadata');
        return { label, field, level, pointer, sendingOf: set(field, value) };
      }),
  ]);
  const missing = schema.required.map((field): Refusal => {
    const sendingOf = ({ [field]: _, ...body }: Record<string, unknown>) => ({ body });
    return { label: 'nothing', field, level: levelOfKeyword('required'), pointer: at('required'), sendingOf };
  });
  const foreign = [...foreignFields(contract, schema), 'no_such_field', 'constructor'].map((field): Refusal => {
    // What cannot be updated must not look updated; about what cannot be created nothing is to be seen anywhere.
    const level = verb === 'update' ? 'inferred' : 'extension';
    return { label: 'a foreign field', field, level, pointer: at('additionalProperties'), sendingOf: set(field, 'x') };
  });
  const raw = Object.entries('metadata' in schema.properties ? unkeepable : {}).map(([label, text]): Refusal => {
    const pointer = pointerOf('components', 'schemas', 'Metadata', 'description');
    const sendingOf = (valid: Record<string, unknown>) => ({
      text: JSON.stringify({ ...valid, metadata: 0 }).replace('"metadata":0', () => `"metadata":${text}`),
    });
    return { label, field: 'metadata', level: 'extension', pointer, sendingOf, isUnreadable: true };
  });
  return [...values, ...missing, ...foreign, ...raw].map((refusal) => ({
    name: `${operationId} refuses ${refusal.label} in ${refusal.field}`,
    operationId,
    check: 'negative_data_rejection',
    level: refusal.level,
    changesThings: true,
    run: (session) => expectRefused(session, operation, refusal),
  }));
}
