/** Tells whether a value can match more than one branch of a schema. */
import { canonicalData, type Located } from './finding.ts';
import { type FlatSchema, flatten, type Side } from './flatten.ts';

const valuesOf = (schema: FlatSchema): string[] | undefined =>
  (schema.keywords.get('enum')?.node as unknown[] | undefined)?.map(canonicalData);

const areDisjoint = (lists: readonly (readonly string[] | undefined)[]) => {
  const all = lists.flatMap((list) => list ?? []);
  return lists.every((list) => list !== undefined) && new Set(all).size === all.length;
};

/** Returns the values of a property that a branch requires; undefined for any value. */
function valuesOfRequired(side: Side, { keywords, properties }: FlatSchema, name: string): string[] | undefined {
  const isRequired = (keywords.get('required')?.node as unknown[] | undefined)?.includes(name);
  const isObject = keywords.get('type')?.node === 'object';
  const schemas = properties.get(name);
  return isRequired && isObject && schemas ? valuesOf(flatten(side, schemas)) : undefined;
}

/** Whether no value matches two of the schemas: they list other values, themselves or for a property that each requires. */
export function areDistinct(side: Side, schemas: readonly Located[]): boolean {
  const flats = schemas.map((schema) => flatten(side, [schema]));
  if (areDisjoint(flats.map(valuesOf))) return true;
  const names = [...(flats[0]?.properties.keys() ?? [])];
  return names.some((name) => areDisjoint(flats.map((flat) => valuesOfRequired(side, flat, name))));
}
