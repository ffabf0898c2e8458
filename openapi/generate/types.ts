import openapiTS, { astToString } from 'openapi-typescript';
import type { Bundle } from './bundle.ts';

/** Matches type names that no code uses: parameters, headers, responses and empty sections of the description. */
const unusedNames =
  /^export type \S+ = (?:components\['(?:parameters|headers|responses)'\].*|Record<string, never>);\n/gm;

/** Renders the types of the description with openapi-typescript. */
export async function renderTypes(bundle: Bundle): Promise<string> {
  const nodes = await openapiTS(structuredClone(bundle) as object as Parameters<typeof openapiTS>[0], {
    // A property with a default stays optional in requests.
    defaultNonNullable: false,
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
    rootTypesKeepCasing: true,
    silent: true,
  });
  return astToString(nodes).replaceAll(unusedNames, '');
}
