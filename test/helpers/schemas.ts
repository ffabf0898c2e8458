import { description } from './server.ts';

/** The parts of an object schema that tests derive their cases from. */
export interface ObjectSchema {
  required?: string[];
  properties: Record<string, { minLength?: number; maxLength?: number; type?: string; enum?: unknown[] }>;
}

const { schemas } = JSON.parse(description).components;

/** Returns an object schema of the bundle, with the `$ref`s of its properties resolved. */
export function resolveSchema(name: string): ObjectSchema {
  const { properties, ...schema } = schemas[name];
  const resolve = (property: { $ref?: string }) => ({
    ...schemas[property.$ref?.split('/').at(-1) ?? ''],
    ...property,
  });
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries<object>(properties).map(([key, value]) => [key, resolve(value)])),
  };
}
