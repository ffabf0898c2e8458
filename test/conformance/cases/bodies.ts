import fc from 'fast-check';
import { bodySchemaOf, type Contract, type Operation } from '../contract.ts';
import type { Session } from '../session.ts';
import { edgeValues, metadataEdges, validValue } from '../values.ts';
import {
  type Case,
  type Effort,
  exampleBody,
  expectSuccess,
  expectTrue,
  isSame,
  makeApp,
  readApp,
  revealSecret,
  type ShownApp,
} from './case.ts';
import { tryGenerated } from './generated.ts';
import { type BodySchema, refusals } from './refusals.ts';

/** Bodies: what has to be accepted and kept. What has to be refused is in `refusals.ts`. */

const secretField = 'client_secret';

/** Whether an app shows a value as it was sent. */
function isKept({ contract }: Session, { verb }: Operation, name: string, sent: unknown, shown: unknown): boolean {
  if (isSame(sent, shown) || name === secretField) return true;
  if (contract.includes('inferred')) return false;
  // The published example of create shows the id in place of the client_id that was sent.
  if (name === 'client_id') return true;
  // No page says that an update replaces metadata as a whole; what was sent is there in any case.
  return verb === 'update' && name === 'metadata' && isSame({ ...(shown as object), ...(sent as object) }, shown);
}

/** The names of the fields that an app has otherwise than they were sent. */
const changedFields = (session: Session, operation: Operation, sent: Record<string, unknown>, app: ShownApp) =>
  Object.keys(sent).filter((name) => !isKept(session, operation, name, sent[name], app[name]));

/** Demands a success whose answer, and what is read afterwards, has the values that were sent. */
async function expectAccepted(session: Session, operation: Operation, body: Record<string, unknown>) {
  const needsApp = operation.path.includes('{');
  const made = needsApp ? await makeApp(session) : undefined;
  if (needsApp && made === undefined) return;
  const exchange = await session.send(operation, { id: made?.app.id, body });
  if (!expectSuccess(session, exchange, operation, 'a valid body')) return;
  const answered = (exchange.response.json ?? {}) as ShownApp;
  const id = made?.app.id ?? answered.id;
  if (typeof id !== 'string') return;
  const after = (await readApp(session, id))?.app;
  const breach = { check: 'read_your_writes' as const, pointer: operation.pointer };
  for (const [source, app] of [['the answer', answered] as const, ['what is read afterwards', after] as const]) {
    const changed = app === undefined ? [] : changedFields(session, operation, body, app);
    const message = `${source} has another ${changed.join(', ')} than was sent`;
    expectTrue(session, exchange, operation, changed.length === 0, { ...breach, message });
  }
  const revealed = after && body[secretField] !== undefined ? await revealSecret(session, after) : undefined;
  if (revealed === undefined) return;
  const message = 'truncate_secrets=false shows another secret than was sent';
  expectTrue(session, exchange, operation, revealed.secret === body[secretField], { ...breach, message });
}

function accept(operation: Operation, name: string, bodyOf: (session: Session) => Record<string, unknown>): Case {
  return {
    name: `${operation.operationId} ${name}`,
    operationId: operation.operationId,
    check: 'positive_data_acceptance',
    alsoChecks: ['read_your_writes', 'filter_semantics', 'ensure_resource_availability'],
    changesThings: true,
    run: (session) => expectAccepted(session, operation, bodyOf(session)),
  };
}

function acceptances(operation: Operation, schema: BodySchema): Case[] {
  const examples = schema.examples.map((example, index) =>
    accept(operation, `accepts example ${index + 1}`, () => example),
  );
  const edges = Object.entries(schema.properties).flatMap(([field, property]) =>
    [...edgeValues(property), ...metadataEdges(property).filter(({ isValid }) => isValid)].map(
      ({ label, value, level }) => ({
        ...accept(operation, `accepts ${label} in ${field}`, (session) => ({
          ...exampleBody(session, operation),
          [field]: value,
        })),
        level,
      }),
    ),
  );
  return [...examples, ...edges];
}

function generated(operation: Operation, { properties, required }: BodySchema, effort: Effort): Case {
  const values = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, validValue(property)]));
  const bodies = fc.record(values, { requiredKeys: required }) as fc.Arbitrary<Record<string, unknown>>;
  return {
    ...accept(operation, 'keeps any valid body', () => ({})),
    run: (session) => tryGenerated(session, bodies, effort, (body) => expectAccepted(session, operation, body)),
  };
}

/** Every case about the bodies of operations. */
export function bodyCases(contract: Contract, effort: Effort): Case[] {
  return contract.operations.flatMap((operation) => {
    const schema = bodySchemaOf(contract, operation);
    if (schema === undefined) return [];
    return [
      ...acceptances(operation, schema),
      generated(operation, schema, effort),
      ...refusals(contract, operation, schema),
    ];
  });
}
