import type { Contract, Schema } from './contract.ts';

/** Returns the paths of the properties of a value that its schema does not have. */
export function findUnknownProperties(contract: Contract, schema: Schema, value: unknown, path = ''): string[] {
  type Parts = Schema & { properties?: Record<string, Schema>; items?: Schema };
  const { properties, items } = contract.deref<Parts>(schema);
  if (properties && Array.isArray(value)) return [];
  if (Array.isArray(value) && items)
    return value.flatMap((item) => findUnknownProperties(contract, items, item, `${path}[]`));
  if (!properties || typeof value !== 'object' || value === null) return [];
  // An object without any known property is another object. Its schema says so.
  if (!Object.keys(value).some((name) => Object.hasOwn(properties, name))) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return property ? findUnknownProperties(contract, property, item, `${path}.${name}`) : [`${path}.${name}`.slice(1)];
  });
}
