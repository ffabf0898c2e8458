import fc from 'fast-check';
import { bodySchemaOf, type Contract, type Operation, type Parameter, type Schema } from '../contract.ts';
import { filteredField, isFreeForm, referenceOf, type ShownSecret, shownSecretOf } from '../resources.ts';
import { generateValue, isLenient } from '../schema-values.ts';
import type { Session } from '../session.ts';

/** Fields of a resource: secrets, references, filters, and values to change them to. */

/** Returns the first example of an operation's request body. */
export function exampleBody(session: Pick<Session, 'contract'>, operation: Operation): Record<string, unknown> {
  return structuredClone(bodySchemaOf(session.contract, operation)?.examples[0] ?? {});
}

/** Returns a body whose references name records of the run, where it has those of an example. */
export async function fillReferences(
  session: Session,
  operation: Operation,
  body: Record<string, unknown>,
  authorization?: string | null,
) {
  const { nodes = {}, examples = [] } = bodySchemaOf(session.contract, operation) ?? {};
  const filled = { ...body };
  for (const [name, node] of Object.entries(nodes)) {
    const resource = referenceOf(node);
    const isOfExample = name in body && examples.some((example) => example[name] === body[name]);
    if (resource === undefined || !isOfExample) continue;
    filled[name] = (await session.referTo(resource, authorization)) ?? body[name];
  }
  return filled;
}

/** Returns the first example of an operation's request body, with references to records of the run. */
export const validBody = (session: Session, operation: Operation, authorization?: string | null) =>
  fillReferences(session, operation, exampleBody(session, operation), authorization);

/** Returns the ids of the parents in the path of an operation. Creates those that the case has not. */
export async function findParents(session: Session, { parents }: Operation, authorization?: string | null) {
  const ids: Record<string, string> = {};
  for (const [parameter, resource] of Object.entries(parents)) {
    const id = await session.referTo(resource, authorization);
    if (id !== undefined) ids[parameter] = id;
  }
  return ids;
}

/** Returns the secret fields that responses of a resource show. */
export const shownSecrets = ({ resource }: Contract): [name: string, shown: ShownSecret][] =>
  Object.entries(resource?.fields ?? {}).flatMap(([name, field]): [string, ShownSecret][] => {
    const shown = shownSecretOf(field);
    return shown ? [[name, shown]] : [];
  });

/** Filter of a list. */
export interface Filter {
  /** Name of the query parameter. */
  readonly name: string;
  /** Dotted path of the field in an item. */
  readonly field: string;
  readonly parameter: Parameter;
  /** Values of the parameter; empty where it takes any. */
  readonly values: readonly unknown[];
  /** Whether the parameter takes a JSON object whose properties an item has to have. */
  readonly isJson: boolean;
  /** Whether a create request sets the field. */
  readonly isSettable: boolean;
  /** Whether the field refers to another record. */
  readonly isReference: boolean;
}

/** Returns the filters of the list of a resource. */
export function listFilters(contract: Contract): Filter[] {
  const list = contract.findOperation('list');
  const create = contract.findOperation('create');
  const { nodes = {} } = (create && bodySchemaOf(contract, create)) ?? {};
  return (list?.parameters ?? []).filter(contract.requires).flatMap((parameter): Filter[] => {
    const field = filteredField(parameter);
    if (parameter.in !== 'query' || field === undefined) return [];
    const { enum: values = [] } = contract.deref<Schema>(parameter.schema);
    return [
      {
        ...{ name: parameter.name, field, parameter, values },
        isJson: parameter['x-content-media-type'] === 'application/json',
        isSettable: field in nodes,
        isReference: referenceOf(nodes[field]) !== undefined,
      },
    ];
  });
}

/** Returns the value at a dotted path of an item. */
export const valueAt = (item: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], item);

/**
 * Returns a change that makes an item different from every other one, and the query that finds it alone. Both are empty
 * where no filter takes any value.
 */
export function uniqueMark(contract: Contract): { change: Record<string, unknown>; query: Record<string, unknown> } {
  const json = listFilters(contract).find(({ isJson, isSettable }) => isJson && isSettable);
  if (json === undefined) return { change: {}, query: {} };
  const value = { conformance: crypto.randomUUID() };
  return { change: { [json.field]: value }, query: { [json.name]: JSON.stringify(value) } };
}

/** Returns causes by which a list with a query has other items than those that match. */
export const followsFromFilters = (query: Readonly<Record<string, unknown>>) =>
  Object.keys(query).flatMap((name) => [
    `filter_semantics: the filter ${name} is ignored`,
    `filter_semantics: ${missedCause(name)}`,
  ]);

/** Returns the cause of a filter that does not find an app with its value. */
export const missedCause = (name: string) => `an app that matches the filter ${name} is not found`;

/** Returns a body whose free texts are new, so that no rule about equal values applies to it. */
export function makeUnique({ contract }: Session, operation: Operation, body: Record<string, unknown>) {
  const { properties = {}, nodes = {}, secrets = [] } = bodySchemaOf(contract, operation) ?? {};
  const entries = Object.entries(body).map(([name, value]): [string, unknown] => {
    const schema = properties[name];
    const isText = schema !== undefined && isPlainText(schema) && !secrets.includes(name);
    if (!isText || referenceOf(nodes[name]) !== undefined || typeof value !== 'string') return [name, value];
    const { maxLength = 80 } = schema as { maxLength?: number };
    const unique = crypto.randomUUID();
    const room = Math.max(maxLength - unique.length - 1, 0);
    return [name, `${value.slice(0, Math.min(room, 40))} ${unique}`.trim().slice(0, maxLength)];
  });
  return Object.fromEntries(entries);
}

/** Returns whether a field takes any text. */
export const isPlainText = (schema: Schema) =>
  (schema.type as unknown) === 'string' && !schema.enum && !schema.format && isLenient(schema);

/** Number of generated values from which another one is chosen. */
const candidates = 20;

/** Returns a valid value of a field that differs from another one, always the same for a schema. */
export function otherValue(contract: Contract, schema: Schema, field: string, value: unknown): unknown {
  if (isFreeForm(schema)) return { replaced: true };
  const plain = `changed ${field}`;
  if (isPlainText(schema)) return plain;
  const generated = fc.sample(generateValue(schema, contract.deref), { seed: 1, numRuns: candidates });
  return generated.find((each) => JSON.stringify(each) !== JSON.stringify(value)) ?? value;
}

/** Returns the fields that an update can set to any valid value, with a new value of each. */
export function listChanges(contract: Contract, update: Operation): [field: string, value: unknown][] {
  const { properties = {}, nodes = {}, examples = [] } = bodySchemaOf(contract, update) ?? {};
  return Object.entries(properties)
    .filter(([field]) => referenceOf(nodes[field]) === undefined)
    .map(([field, schema]) => [field, otherValue(contract, schema, field, examples[0]?.[field])]);
}

/** Returns the body of a request that changes one field of a record, or nothing where no field can be changed. */
export async function changeBody(session: Session, operation: Operation): Promise<Record<string, unknown>> {
  const secrets = bodySchemaOf(session.contract, operation)?.secrets ?? [];
  const [change] = listChanges(session.contract, operation).filter(([field]) => !secrets.includes(field));
  const others = operation.method === 'patch' ? {} : await validBody(session, operation);
  return { ...others, ...(change && { [change[0]]: change[1] }) };
}
