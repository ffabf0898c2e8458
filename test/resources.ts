/**
 * The table of resources: one row for each resource of the description, and the tests that every resource gets by its row.
 *
 * Isolation (`server/accounts`), canaries, rotation, tampering, reveal, paging, idempotency, documented statuses, examples
 * and unknown methods loop over `resources`, or over `operations` of the description. A new resource takes one line in
 * `rows`; all else is derived:
 *
 * | fact | source |
 * |---|---|
 * | collection, item, verb of an operation, parents in the path | paths of the description (`conformance/resources.ts`) |
 * | bodies of a create and of updates | named examples of their request bodies; create has one at least |
 * | records that a field refers to | `x-refers-to`, created in the same account |
 * | filters | `x-filters` |
 * | secret fields, mask, query that reveals | `x-secret` of what is shown |
 * | table, and the columns beside each secret | `server/store/sql/tables.ts`; the table is named as the collection |
 * | paging, idempotency, conditions | parameters `cursor`, `Idempotency-Key`, `If-Match`, `If-None-Match` |
 *
 * A record is known by the property `id` of its responses, and a list has its records in `data` and `next_cursor`.
 * `resources.test.ts` names every operation that is in no row. `openAccount` of `helpers/accounts.ts` creates records.
 */
import type { OperationId } from '../generated/operations.ts';
import { type Bundle, deref, type Parameter, type ResolvedOperation, type Schema } from '../openapi/generate/bundle.ts';
import { type TableName, tables } from '../server/store/sql/tables.ts';
import {
  filteredField,
  findResources,
  isSecret,
  type Place,
  placeOf,
  type Resource,
  referenceOf,
  shownSecretOf,
  type Verb,
} from './conformance/resources.ts';
import { bundle, listExampleValues, operations } from './contract/documented.ts';
import type { ServerOptions } from './helpers/server.ts';

/** Facts about a resource that no other source has. */
export interface Row {
  /** Last part of the path of its collection, such as `oauth-apps`. */
  readonly name: string;
  /** Operations of the resource beside list, create, get, update and delete. */
  readonly others?: readonly OperationId[];
  /** Options of a server whose accounts hold one record at most. Left out: a create has no 409 for a full account. */
  readonly full?: ServerOptions;
}

const rows: readonly Row[] = [{ name: 'oauth-apps', full: { maxAppsPerAccount: 1 } }];

/** Operations that belong to no resource. */
const ofNoResource: readonly OperationId[] = [];

export type Json = Record<string, unknown>;

/** Secret field of a resource, and its columns in the table. */
export interface Secret {
  readonly field: string;
  /** Columns of the key id and of the version. The envelope is in the column named as the field. */
  readonly keyId: string;
  readonly version: string;
  readonly mask: string;
  /** Query of the list that shows it in full, such as `truncate_secrets=false`. */
  readonly revealedBy?: string;
  /** Schema of the field in a create. */
  readonly schema: Schema;
}

/** Query parameter of a list that filters by a field. */
export interface Filter {
  readonly parameter: Parameter;
  /** Dotted path of the field in a record. */
  readonly field: string;
}

/** Operation with its place among the resources. */
export type PlacedOperation = ResolvedOperation & Place;

/** Resource with all that the tests need to know about it. */
export interface TestedResource extends Row, Resource {
  readonly table: TableName;
  /** Operations of the resource, others included. */
  readonly operations: readonly PlacedOperation[];
  readonly secrets: readonly Secret[];
  readonly filters: readonly Filter[];
  /** Fields of a create that refer to records, with the names of their resources. */
  readonly references: Readonly<Record<string, string>>;
  /** Examples of the bodies of a create, the first one above all. */
  readonly newBodies: readonly Json[];
  /** Examples of the bodies of an update. */
  readonly changes: readonly Json[];
  /** Whether its list comes in pages. */
  readonly isPaged: boolean;
  /** Returns the operation with a verb. @throws Error where there is none */
  operation(verb: Verb): PlacedOperation;
  /** Returns whether the resource has an operation with a verb, and with a parameter, where one is named. */
  has(verb: Verb, parameter?: string): boolean;
}

const bodySchemaOf = (operation: ResolvedOperation | undefined): Schema =>
  operation?.requestBody?.content['application/json']?.schema ?? {};
const propertiesOf = (from: Bundle, schema: Schema) =>
  (deref<Schema>(from, schema) as { properties?: Record<string, Schema> }).properties ?? {};
const bodiesOf = (operation: ResolvedOperation | undefined) =>
  listExampleValues(operation?.requestBody?.content['application/json']?.examples) as Json[];

/** Returns the schema of a property of a JSON request body, with its reference followed. */
export function fieldSchema(operation: ResolvedOperation, field: string): Schema {
  return deref<Schema>(bundle, propertiesOf(bundle, bodySchemaOf(operation))[field] ?? {});
}

/** Returns the operations of a description with their places. */
export const placeAll = (all: readonly ResolvedOperation[], found: readonly Resource[]): PlacedOperation[] =>
  all.map((operation) => ({ ...operation, ...placeOf(operation, found) }));

function tableOf(name: string): TableName {
  const table = name.replaceAll('-', '_');
  if (table in tables) return table as TableName;
  throw new Error(`the records of ${name} need a table ${table} in server/store/sql/tables.ts`);
}

/** Lists the secret fields of a resource. @throws Error for one that is no column of secrets */
function findSecrets({ name, fields }: Resource, create: ResolvedOperation | undefined): Secret[] {
  const columns: Readonly<Record<string, { keyId: string; version: string }>> = tables[tableOf(name)].secrets;
  return Object.entries(fields).flatMap(([field, schema]): Secret[] => {
    const shown = shownSecretOf(schema) ?? shownSecretOf(deref<Schema>(bundle, schema));
    if (!shown && !isSecret(schema)) return [];
    const column = columns[field];
    if (!shown || !column) throw new Error(`the secret ${field} of ${name} needs a mask, and a column of secrets`);
    const sent = deref<Schema>(bundle, propertiesOf(bundle, bodySchemaOf(create))[field] ?? {});
    return [{ field, ...column, ...shown, schema: sent }];
  });
}

function findFilters(list: ResolvedOperation | undefined): Filter[] {
  return (list?.parameters ?? []).flatMap((parameter) => {
    const field = filteredField(parameter);
    return field === undefined ? [] : [{ parameter, field }];
  });
}

function findReferences(create: ResolvedOperation | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(propertiesOf(bundle, bodySchemaOf(create))).flatMap(([field, schema]) => {
      const name = referenceOf(schema) ?? referenceOf(deref<Schema>(bundle, schema));
      return name === undefined ? [] : [[field, name]];
    }),
  );
}

function completeRow(row: Row, resource: Resource, all: readonly PlacedOperation[]): TestedResource {
  const own = all.filter((each) => each.resource?.name === row.name);
  const find = (verb: Verb) => own.find((each) => each.verb === verb);
  const has = (verb: Verb, parameter?: string) =>
    own.some((each) => each.verb === verb && (!parameter || each.parameters.some(({ name }) => name === parameter)));
  return {
    ...row,
    ...resource,
    table: tableOf(row.name),
    operations: own,
    secrets: findSecrets(resource, find('create')),
    filters: findFilters(find('list')),
    references: findReferences(find('create')),
    newBodies: bodiesOf(find('create')),
    changes: bodiesOf(find('update')),
    isPaged: has('list', 'cursor'),
    has,
    operation(verb) {
      const operation = find(verb);
      if (operation === undefined) throw new Error(`${row.name} has no operation to ${verb}`);
      return operation;
    },
  };
}

const described = findResources(bundle, operations);

/** Every operation of the description. */
export const placedOperations = placeAll(operations, described);

/** Every resource that has a row. */
export const resources: readonly TestedResource[] = rows.map((row) => {
  const resource = described.find(({ name }) => name === row.name);
  if (resource === undefined) throw new Error(`the description has no resource ${row.name}`);
  return completeRow(row, resource, placedOperations);
});

/** Returns the resource with a name. @throws Error where no row has it */
export function resourceOf(name: string): TestedResource {
  const resource = resources.find((each) => each.name === name);
  if (resource === undefined) throw new Error(`no row of test/resources.ts is about ${name}`);
  return resource;
}

/** Lists the ids of the operations that are in no row. */
export function findOperationsWithoutRow(all: readonly PlacedOperation[]): string[] {
  const others: readonly string[] = [...ofNoResource, ...rows.flatMap((row) => row.others ?? [])];
  const isInRow = ({ operationId, resource, verb }: PlacedOperation) =>
    others.includes(operationId) || (verb !== 'other' && rows.some(({ name }) => name === resource?.name));
  return all.filter((operation) => !isInRow(operation)).map(({ operationId }) => operationId);
}
