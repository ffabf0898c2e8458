import fc from 'fast-check';
import { bodySchemaOf, type Contract, type Operation, pointerOf, type Schema } from '../contract.ts';
import type { Session } from '../session.ts';
import { boundaryValues, invalidValues, validValue } from '../values.ts';
import { type Case, type Effort, exampleBody, isSame, makeApp, readApp, type ShownApp } from './case.ts';

/** Bodies: what has to be accepted and kept, and what has to be refused. */

type BodySchema = NonNullable<ReturnType<typeof bodySchemaOf>>;

const secretField = 'client_secret';

/** Sends a body to an operation, on an app of its own where the operation needs one. */
async function sendBody(session: Session, operation: Operation, body: unknown, text?: string) {
  const needsApp = operation.path.includes('{');
  const made = needsApp ? await makeApp(session) : undefined;
  if (needsApp && made === undefined) return undefined;
  return session.send(operation, { id: made?.app.id, ...(text === undefined ? { body } : { text }) });
}

/** Demands a success whose answer, and what is read afterwards, has the values that were sent. */
async function expectAccepted(session: Session, operation: Operation, body: Record<string, unknown>) {
  const exchange = await sendBody(session, operation, body);
  if (exchange === undefined) return;
  const isAccepted = session.expectStatus(exchange, operation, 200, {
    check: 'positive_data_acceptance',
    message: `a valid body is refused with ${exchange.response.status}`,
    pointer: `${operation.pointer}/requestBody`,
  });
  if (!isAccepted) return;
  const answered = (exchange.response.json ?? {}) as ShownApp;
  const read = await readApp(session, answered.id);
  const sent = Object.entries(body).filter(([name]) => name !== secretField);
  for (const [source, app] of [['the answer', answered] as const, ['what is read afterwards', read?.app] as const]) {
    const changed = sent
      .filter(([name, value]) => app !== undefined && !isSame(value, app[name]))
      .map(([name]) => name);
    if (changed.length === 0) continue;
    const message = `${source} has another ${changed.join(', ')} than was sent`;
    session.report(exchange, operation, { check: 'read_your_writes', message, pointer: operation.pointer });
  }
}

interface Problem {
  validation_errors?: Record<string, unknown>;
}

/** Demands a refusal that names the field. */
async function expectRefused(
  session: Session,
  operation: Operation,
  body: unknown,
  field: string,
  what: string,
  at: string,
) {
  const exchange = await sendBody(session, operation, body);
  if (exchange === undefined) return;
  const { status, json } = exchange.response;
  const isRefused = session.expectStatus(exchange, operation, 422, {
    check: 'negative_data_rejection',
    message: `${what} in ${field} is answered with ${status}, not 422`,
    pointer: at,
  });
  if (!isRefused) return;
  const named = Object.keys((json as Problem | undefined)?.validation_errors ?? {});
  if (named.some((name) => name === field || name.startsWith(`${field}.`))) return;
  const message = `${what} in ${field} is refused without naming ${field} in validation_errors`;
  session.report(exchange, operation, { check: 'problem_shape', message, pointer: at });
}

function refusals(contract: Contract, operation: Operation, schema: BodySchema): Case[] {
  const { operationId } = operation;
  const valid = () => exampleBody({ contract }, operation);
  const refuse = (
    label: string,
    field: string,
    keyword: string,
    change: (body: Record<string, unknown>) => unknown,
  ): Case[] =>
    contract.enforces(keyword)
      ? [
          {
            name: `${operationId} refuses ${label} in ${field}`,
            operationId,
            check: 'negative_data_rejection',
            changesThings: true,
            run: (session) =>
              expectRefused(
                session,
                operation,
                change(valid()),
                field,
                label,
                `${schema.pointer}${pointerOf(keyword === 'required' ? 'required' : 'properties')}`,
              ),
          },
        ]
      : [];
  const fields = Object.entries(schema.properties).flatMap(([field, property]) =>
    invalidValues(property).flatMap(({ keyword, label, value }) =>
      refuse(label, field, keyword, (body) => ({ ...body, [field]: value })),
    ),
  );
  const missing = schema.required.flatMap((field) =>
    refuse('nothing', field, 'required', ({ [field]: _, ...body }) => body),
  );
  const others = [...foreignFields(contract, schema), 'no_such_field', 'constructor'].flatMap((field) =>
    refuse('a foreign field', field, 'additionalProperties', (body) => ({ ...body, [field]: 'x' })),
  );
  return [...fields, ...missing, ...others];
}

/** The fields of an app that a body does not take. */
function foreignFields(contract: Contract, schema: BodySchema): string[] {
  const shown = contract.deref<Schema & { properties?: object }>({ $ref: '#/components/schemas/OAuthApp' });
  return Object.keys(shown.properties ?? {}).filter((name) => !(name in schema.properties));
}

/** Limits that JSON Schema has no keyword for. */
function metadataLimits(contract: Contract, operation: Operation, schema: BodySchema): Case[] {
  const metadata = schema.properties.metadata;
  if (metadata === undefined || !contract.enforces('x-max-depth')) return [];
  const { 'x-max-depth': depth, 'x-max-values': values, 'x-max-bytes': bytes } = metadata as Record<string, number>;
  const nest = (levels: number): object => (levels <= 1 ? {} : { a: nest(levels - 1) });
  const frame = JSON.stringify({ a: '' }).length;
  const cases: [label: string, value: object, isValid: boolean][] = [
    ['the deepest metadata', nest(depth ?? 1), true],
    ['metadata one level too deep', nest((depth ?? 1) + 1), false],
    ['the most values', { a: Array((values ?? 1) - 1).fill(0) }, true],
    ['one value too many', { a: Array(values ?? 1).fill(0) }, false],
    ['the longest metadata', { a: 'x'.repeat((bytes ?? frame) - frame) }, true],
    ['metadata one byte too long', { a: 'x'.repeat((bytes ?? frame) - frame + 1) }, false],
  ];
  const { operationId } = operation;
  return cases.map(([label, value, isValid]) => ({
    name: `${operationId} ${isValid ? 'accepts' : 'refuses'} ${label}`,
    operationId,
    check: isValid ? ('positive_data_acceptance' as const) : ('negative_data_rejection' as const),
    changesThings: true,
    async run(session) {
      const body = { ...exampleBody(session, operation), metadata: value };
      if (isValid) await expectAccepted(session, operation, body);
      else
        await expectRefused(
          session,
          operation,
          body,
          'metadata',
          label,
          pointerOf('components', 'schemas', 'Metadata'),
        );
    },
  }));
}

/** Tries generated bodies until one fails, then the smallest that still does; that one alone is reported. */
async function tryGenerated(
  session: Session,
  bodies: fc.Arbitrary<Record<string, unknown>>,
  { seed, cases }: Effort,
  attempt: (body: Record<string, unknown>) => Promise<void>,
) {
  const property = fc.asyncProperty(bodies, async (body) => {
    const before = session.countFindings();
    await attempt(body);
    const isFine = session.countFindings() === before;
    session.dropFindings(before);
    return isFine;
  });
  const result = await fc.check(property, { seed, numRuns: cases, endOnFailure: false, maxSkipsPerRun: 1_000 });
  const [smallest] = result.counterexample ?? [];
  if (smallest !== undefined) await attempt(smallest);
}

function generated(operation: Operation, schema: BodySchema, effort: Effort): Case[] {
  const { operationId } = operation;
  const { properties, required } = schema;
  const values = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, validValue(property)]));
  const bodies = fc.record(values, { requiredKeys: required }) as fc.Arbitrary<Record<string, unknown>>;
  return [
    {
      name: `${operationId} keeps any valid body`,
      operationId,
      check: 'positive_data_acceptance',
      changesThings: true,
      run: (session) => tryGenerated(session, bodies, effort, (body) => expectAccepted(session, operation, body)),
    },
  ];
}

function acceptances(operation: Operation, schema: BodySchema): Case[] {
  const { operationId } = operation;
  const accept = (label: string, bodyOf: (session: Session) => Record<string, unknown>): Case => ({
    name: `${operationId} accepts ${label}`,
    operationId,
    check: 'positive_data_acceptance',
    changesThings: true,
    run: (session) => expectAccepted(session, operation, bodyOf(session)),
  });
  const boundaries = Object.entries(schema.properties).flatMap(([field, property]) =>
    boundaryValues(property).map(({ label, value }) =>
      accept(`${label} in ${field}`, (session) => ({ ...exampleBody(session, operation), [field]: value })),
    ),
  );
  return [...schema.examples.map((example, index) => accept(`example ${index + 1}`, () => example)), ...boundaries];
}

/** Every case about the bodies of operations. */
export function bodyCases(contract: Contract, effort: Effort): Case[] {
  return contract.operations.flatMap((operation) => {
    const schema = bodySchemaOf(contract, operation);
    if (schema === undefined) return [];
    return [
      ...acceptances(operation, schema),
      ...generated(operation, schema, effort),
      ...refusals(contract, operation, schema),
      ...metadataLimits(contract, operation, schema),
    ];
  });
}
