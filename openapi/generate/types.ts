import openapiTS, { astToString } from 'openapi-typescript';
import type { Bundle } from './bundle.ts';

/** Names for what nobody names in code: parameters, headers and answers, and parts that this description has not. */
const nameless = /^export type \S+ = (?:components\['(?:parameters|headers|responses)'\].*|Record<string, never>);\n/gm;

/** The types of the description, by openapi-typescript. */
export async function renderTypes(bundle: Bundle): Promise<string> {
  const nodes = await openapiTS(structuredClone(bundle) as object as Parameters<typeof openapiTS>[0], {
    // A property with a default stays optional in what is sent.
    defaultNonNullable: false,
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
    rootTypesKeepCasing: true,
    silent: true,
  });
  return astToString(nodes).replaceAll(nameless, '');
}
