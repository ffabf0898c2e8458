import { type Bundle, deref, type ResolvedOperation, type Schema } from '../../openapi/generate/bundle.ts';

/** Resources of a description: collections, their items, and what an item consists of. */

/** Effect of an operation on a resource; `other` for an operation that is none of the five. */
export type Verb = 'list' | 'create' | 'get' | 'update' | 'delete' | 'other';

/** Secret that responses show. */
export interface ShownSecret {
  /** Text in place of every secret. */
  readonly mask: string;
  /** Query of a list that shows secrets in full, such as `truncate_secrets=false`; undefined where none does. */
  readonly revealedBy?: string;
}

/** Collection and its items. */
export interface Resource {
  /** Last part of the path of the collection: `oauth-apps`. Fields refer to it by `x-refers-to`. */
  readonly name: string;
  /** Word for one item, from the name: `app`. */
  readonly noun: string;
  readonly collection: string;
  /** Path of an item; undefined where the description has none. */
  readonly item?: string;
  /** Properties of an item in responses. */
  readonly fields: Readonly<Record<string, Schema>>;
  /** Pointer to the schema of an item, or to its collection. */
  readonly pointer: string;
}

/** Place of an operation among the resources. */
export interface Place {
  readonly resource?: Resource;
  readonly verb: Verb;
  /** Whether the path has the id of an item of the resource. */
  readonly needsRecord: boolean;
  /** Path parameters and the collections whose items they name, but for the item of the operation itself. */
  readonly parents: Readonly<Record<string, string>>;
}

type Parts = Schema & { properties?: Record<string, Schema>; items?: Schema };

const lastParameter = /^(.*)\/\{([^}]+)\}$/;

/** Returns the schema of the JSON body of a success. */
function successSchema(operation: ResolvedOperation | undefined): Schema | undefined {
  const status = Object.keys(operation?.responses ?? {}).find((each) => each.startsWith('2'));
  const content = Object.entries(operation?.responses[status ?? '']?.content ?? {});
  return content.find(([type]) => type.includes('json'))?.[1].schema;
}

/** Returns the schema of the items of a list: of an array, or of the array in `data`. */
function itemSchemaOf(bundle: Bundle, operation: ResolvedOperation | undefined): Schema | undefined {
  const schema = successSchema(operation);
  if (schema === undefined) return undefined;
  const { properties, items } = deref<Schema>(bundle, schema) as Parts;
  const data = properties?.data && (deref<Schema>(bundle, properties.data) as Parts);
  return items ?? data?.items;
}

const nounOf = (name: string) => (name.split('-').at(-1) ?? name).replace(/ies$/, 'y').replace(/s$/, '');

/** Finds the resources: every path with an item below it, and every path with a list. */
export function findResources(bundle: Bundle, operations: readonly ResolvedOperation[]): Resource[] {
  const paths = [...new Set(operations.map(({ path }) => path))];
  const find = (path: string | undefined, method: string) =>
    operations.find((operation) => operation.path === path && operation.method === method);
  return paths.flatMap((collection): Resource[] => {
    const item = paths.find((path) => lastParameter.exec(path)?.[1] === collection);
    const listed = itemSchemaOf(bundle, find(collection, 'get'));
    if (item === undefined && listed === undefined) return [];
    const schema = successSchema(find(item, 'get')) ?? listed ?? successSchema(find(collection, 'post')) ?? {};
    const { properties = {} } = deref<Schema>(bundle, schema) as Parts;
    const name = collection.split('/').at(-1) ?? '';
    const pointer = schema.$ref?.slice(1) ?? `/paths/${collection.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [{ name, noun: nounOf(name), collection, ...(item !== undefined && { item }), fields: properties, pointer }];
  });
}

const itemVerbs: Readonly<Record<string, Verb>> = { get: 'get', patch: 'update', put: 'update', delete: 'delete' };

/** Returns the place of an operation: its resource, its verb, and the resources of its path parameters. */
export function placeOf({ path, method }: ResolvedOperation, resources: readonly Resource[]): Place {
  const isWithin = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
  const onPath = resources.filter((each) => isWithin(each.item ?? each.collection) || path === each.collection);
  const resource = onPath.toSorted((left, right) => right.collection.length - left.collection.length)[0];
  const parents = Object.fromEntries(
    resources.flatMap((each) => {
      const [, , parameter] = lastParameter.exec(each.item ?? '') ?? [];
      const isParent = parameter !== undefined && each !== resource && isWithin(each.item ?? '');
      return isParent ? [[parameter, each.name]] : [];
    }),
  );
  if (resource === undefined) return { verb: 'other', needsRecord: false, parents };
  const ofCollection: Verb = method === 'get' ? 'list' : method === 'post' ? 'create' : 'other';
  const ofItem: Verb = itemVerbs[method] ?? 'other';
  const verb = path === resource.collection ? ofCollection : path === resource.item ? ofItem : 'other';
  return { resource, verb, needsRecord: resource.item !== undefined && isWithin(resource.item), parents };
}

/** Returns the collection that a field or parameter refers to; undefined where it refers to none. */
export const referenceOf = (node: object | undefined) =>
  (node as { 'x-refers-to'?: string } | undefined)?.['x-refers-to'];

/** Returns the dotted path of the field that a parameter filters by; undefined where it is no filter. */
export const filteredField = (parameter: object): string | undefined =>
  (parameter as { 'x-filters'?: string | false })['x-filters'] || undefined;

/** Returns whether the values of a field are secret. */
export const isSecret = (node: object | undefined) =>
  Boolean((node as { 'x-secret'?: unknown } | undefined)?.['x-secret']);

/** Returns how responses show a secret field; undefined where the field is none. */
export function shownSecretOf(node: object | undefined): ShownSecret | undefined {
  const secret = (node as { 'x-secret'?: unknown } | undefined)?.['x-secret'];
  if (typeof secret !== 'object' || secret === null) return undefined;
  const { mask = '', revealed_by: revealedBy } = secret as { mask?: string; revealed_by?: string };
  return { mask, ...(revealedBy !== undefined && { revealedBy }) };
}

/** Returns whether a field takes any JSON object. */
export const isFreeForm = (schema: Schema | undefined) =>
  schema !== undefined && (schema.type as unknown) === 'object' && schema.properties === undefined;
