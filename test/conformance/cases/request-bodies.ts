import fc from 'fast-check';
import { boundaryValues, metadataBoundaries } from '../boundary-values.ts';
import {
  type BodySchema,
  bodySchemaOf,
  type Contract,
  higherLevel,
  type Operation,
  provenanceOf,
  type Schema,
} from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import { isFreeForm, referenceOf } from '../resources.ts';
import { generateValue } from '../schema-values.ts';
import type { Session } from '../session.ts';
import { chooseOwn, createTestApp, type ReceivedApp, readApp, revealSecrets } from './apps.ts';
import type { Case, GenerationOptions } from './case.ts';
import {
  expectRoom,
  expectSuccess,
  expectTrue,
  followsFromField,
  followsFromUpdate,
  generatedKind,
} from './expectations.ts';
import { exampleBody, fillReferences, isPlainText, shownSecrets } from './fields.ts';
import { checkGeneratedBodies } from './generated-bodies.ts';
import { rejectedBodyCases } from './rejected-bodies.ts';

/** Request bodies that have to be accepted and stored unchanged. Those to be rejected are in `rejected-bodies.ts`. */

/** Returns whether an app shows the value of a field that was sent. */
function isStored(
  { contract }: Session,
  { verb }: Operation,
  field: string,
  [sent, shown]: readonly [sent: unknown, shown: unknown],
): boolean {
  if (isDeepEqual(sent, shown) || shownSecrets(contract).some(([secret]) => secret === field)) return true;
  // A field that no response shows cannot be compared.
  if (!(field in (contract.resource?.fields ?? {}))) return true;
  if (contract.includes('inferred')) return false;
  // The published example of create shows the id in place of the client_id that was sent.
  if (field === 'client_id') return true;
  // No page says that an update replaces a whole object. It contains what was sent in any case.
  return (
    verb === 'update' &&
    isFreeForm(contract.deref<Schema>(contract.resource?.fields[field] ?? {})) &&
    isDeepEqual({ ...(shown as object), ...(sent as object) }, shown)
  );
}

/** Returns the fields whose values in an app differ from those that were sent. */
const changedFields = (session: Session, operation: Operation, sent: Record<string, unknown>, app: ReceivedApp) =>
  Object.keys(sent).filter((field) => !isStored(session, operation, field, [sent[field], app[field]]));

/** Returns empty objects for the fields of a body that take any object. */
function emptyObjects({ contract }: Session, operation: Operation, body: Record<string, unknown>) {
  const { properties = {} } = bodySchemaOf(contract, operation) ?? {};
  const names = Object.keys(body).filter((field) => isFreeForm(properties[field]));
  return Object.fromEntries(names.map((field) => [field, {}]));
}

/** Sends a valid body. Reports a rejection, and a response or a later read that differs from the body. */
async function checkAccepted(session: Session, operation: Operation, given: Record<string, unknown>, kind?: string) {
  const body = await fillReferences(session, operation, given);
  const needsApp = operation.needsRecord;
  // An object at its limits has no room for what a server merges it with.
  const change = kind === generatedKind ? {} : emptyObjects(session, operation, body);
  const created = needsApp ? await createTestApp(session, change) : undefined;
  if (needsApp && created === undefined) return;
  const exchange = await session.send(operation, { id: created?.app.id, body });
  if (!(await expectRoom(session, exchange, operation, body))) return;
  const followsFrom = Object.keys(body).flatMap((field) => followsFromUpdate(operation, field));
  if (!expectSuccess(session, exchange, operation, 'a valid body', kind, followsFrom)) return;
  const responseApp = (exchange.response.json ?? {}) as ReceivedApp;
  const id = created?.app.id ?? responseApp.id;
  if (typeof id !== 'string') return;
  const after = (await readApp(session, id))?.app;
  const violationOf = (field: string, app: ReceivedApp | undefined) => ({
    check: 'read_your_writes' as const,
    cause: `${field} is not stored as it was sent`,
    followsFrom: [...followsFromField(field, app, id), ...followsFromUpdate(operation, field)],
    pointer: operation.pointer,
  });
  const secrets = shownSecrets(session.contract).filter(([field]) => body[field] !== undefined);
  const own = after && secrets.length > 0 ? chooseOwn(id, after, responseApp) : undefined;
  const revealed = own && (await revealSecrets(session, own));
  const sources = [
    ['the response', responseApp],
    ['a later read', after],
    ['the list', revealed?.app],
  ] as const;
  for (const [source, app] of sources) {
    const changed = app === undefined ? [] : changedFields(session, operation, body, app);
    for (const field of changed) {
      const message = `${source} differs from the request in ${field}`;
      expectTrue(session, exchange, operation, false, { ...violationOf(field, app), message });
    }
  }
  for (const [field] of revealed === undefined ? [] : secrets) {
    const message = `${revealed?.query} shows a different secret than the one that was sent`;
    const isSame = revealed?.app[field] === body[field];
    expectTrue(session, exchange, operation, isSame, { ...violationOf(field, revealed?.app), message });
  }
}

function acceptedBodyCase(
  operation: Operation,
  name: string,
  bodyOf: (session: Session) => Record<string, unknown>,
  kind?: string,
): Case {
  return {
    kind: 'accepts',
    name: `${operation.operationId} ${name}`,
    operationId: operation.operationId,
    check: 'positive_data_acceptance',
    alsoChecks: ['read_your_writes', 'filter_semantics', 'ensure_resource_availability'],
    isMutating: true,
    run: (session) => checkAccepted(session, operation, bodyOf(session), kind),
  };
}

/** Returns a case for each example and each boundary value. */
function acceptedBodyCases(contract: Contract, operation: Operation, schema: BodySchema): Case[] {
  const examples = schema.examples.map((example, index) => {
    const name = `accepts example ${index + 1}`;
    // Examples differ in their fields, so each may get another response.
    return { ...acceptedBodyCase(operation, name, () => example), kind: name };
  });
  // A reference is valid where the record exists, whatever its text.
  const own = Object.entries(schema.properties).filter(([field]) => referenceOf(schema.nodes[field]) === undefined);
  const boundaries = own.flatMap(([field, property]) =>
    [...boundaryValues(property, contract.deref), ...metadataBoundaries(property).filter(({ isValid }) => isValid)].map(
      ({ keyword, label, value, level }) => ({
        ...acceptedBodyCase(
          operation,
          `accepts ${label} in ${field}`,
          (session) => ({ ...exampleBody(session, operation), [field]: value }),
          `${label} in ${field}`,
        ),
        covers: [`${operation.operationId} ${field} ${keyword}`],
        level: higherLevel(level, provenanceOf(schema.nodes[field])),
      }),
    ),
  );
  return [...examples, ...boundaries];
}

function generatedBodyCase(
  contract: Contract,
  operation: Operation,
  { properties, nodes, required, examples }: BodySchema,
  options: GenerationOptions,
): Case {
  const values = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      referenceOf(nodes[name]) === undefined
        ? generateValue(property, contract.deref)
        : fc.constant(examples[0]?.[name]),
    ]),
  );
  const bodies = fc.record(values, { requiredKeys: required }) as fc.Arbitrary<Record<string, unknown>>;
  return {
    ...acceptedBodyCase(operation, 'stores any valid body', () => ({})),
    run: (session) =>
      checkGeneratedBodies(session, bodies, options, (body) => checkAccepted(session, operation, body, generatedKind)),
  };
}

/** Returns the case about a media type in other letters, which means the same (RFC 9110, 8.3.1). */
function mediaTypeCase(operation: Operation): Case {
  const kind = 'a media type in other letters';
  return {
    ...acceptedBodyCase(operation, `accepts ${kind}`, () => ({}), kind),
    level: 'extension',
    async run(session) {
      const created = operation.needsRecord ? await createTestApp(session) : undefined;
      if (operation.needsRecord && created === undefined) return;
      const body = await fillReferences(session, operation, exampleBody(session, operation));
      const headers = { 'Content-Type': 'Application/JSON; charset=UTF-8' };
      const exchange = await session.send(operation, { id: created?.app.id, body, headers });
      expectSuccess(session, exchange, operation, kind, kind);
    },
  };
}

/** Returns a case about text with a lone surrogate: it is rejected, or stored as it was sent. */
function loneSurrogateCase(operation: Operation, field: string): Case {
  return {
    ...acceptedBodyCase(operation, `stores or rejects a lone surrogate in ${field}`, () => ({})),
    check: 'read_your_writes',
    level: 'extension',
    async run(session) {
      const created = operation.needsRecord ? await createTestApp(session) : undefined;
      if (operation.needsRecord && created === undefined) return;
      const valid = await fillReferences(session, operation, exampleBody(session, operation));
      const sent = 'a\ud800b';
      const exchange = await session.send(operation, { id: created?.app.id, body: { ...valid, [field]: sent } });
      const shown = (exchange.response.json as Record<string, unknown> | undefined)?.[field];
      const holds = exchange.response.status >= 400 || shown === sent;
      const message = `the response differs from the request in ${field}`;
      const violation = { message, cause: `${field} is not stored as it was sent`, pointer: operation.pointer };
      expectTrue(session, exchange, operation, holds, { check: 'read_your_writes', ...violation });
    },
  };
}

/** Returns the cases about request bodies, valid and invalid ones. */
export function requestBodyCases(contract: Contract, options: GenerationOptions): Case[] {
  return contract.operations.flatMap((operation) => {
    const schema = bodySchemaOf(contract, operation);
    if (schema === undefined) return [];
    return [
      ...acceptedBodyCases(contract, operation, schema),
      generatedBodyCase(contract, operation, schema, options),
      ...rejectedBodyCases(contract, operation, schema),
      mediaTypeCase(operation),
      ...Object.keys(schema.properties)
        .filter((field) => isPlainText(schema.properties[field] ?? {}) && !schema.secrets.includes(field))
        .filter((field) => field in (contract.resource?.fields ?? {}) && referenceOf(schema.nodes[field]) === undefined)
        .map((field) => loneSurrogateCase(operation, field)),
    ];
  });
}
