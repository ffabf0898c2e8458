/** The lint rules that Redocly's own rules cannot express. redocly.yaml enables them. */

import { carried } from './carried.ts';
import type { Context, Node } from './context.ts';

const provenances = ['documented', 'inferred', 'extension'];
const problemSchemas = ['Problem', 'ValidationProblem'];

/** Requires a provenance of every operation, response, parameter, header and schema property. */
function provenance() {
  const check = (node: Node, { report, location }: Pick<Context, 'report' | 'location'>) => {
    if (provenances.includes(node['x-provenance'] as string)) return;
    report({ message: `Add x-provenance, one of ${provenances.join(', ')}.`, location });
  };
  return {
    Operation: check,
    Response: check,
    Parameter: check,
    Header: check,
    SchemaProperties(properties: Node, { report, location }: Context) {
      for (const [name, property] of Object.entries(properties)) {
        check(property as Node, { report, location: location.child([name]) });
      }
    },
  };
}

/** Requires an example of every request body, response body and response header. Docs, mock and tests use it. */
function examplePresent() {
  const check = (node: Node, { report, location }: Context) => {
    const examples = node.examples as Node | undefined;
    if (examples !== undefined && Object.keys(examples).length > 0) return;
    report({ message: 'Add `examples` with a $ref into components/examples.', location });
  };
  return { MediaType: check, Header: check };
}

/** Requires every 4xx and 5xx response to be a shared component that holds only problem details. */
function sharedProblems() {
  return {
    Responses(responses: Node, { report, location, resolve }: Context) {
      for (const [status, response] of Object.entries(responses)) {
        if (!/^[45]/.test(status)) continue;
        const at = location.child([status]);
        if (!String((response as Node).$ref ?? '').includes('components/responses/')) {
          report({ message: `Refer to a response in components/responses for ${status}.`, location: at });
        }
        const shared = (resolve(response).node ?? {}) as { content?: Record<string, { schema?: { $ref?: string } }> };
        const content = Object.entries(shared.content ?? {});
        const isProblem =
          content.length === 1 &&
          content[0]?.[0] === 'application/problem+json' &&
          problemSchemas.some((name) => content[0]?.[1].schema?.$ref?.endsWith(`/${name}.yaml`));
        if (!isProblem) {
          report({
            message: `Use only application/problem+json and a problem schema for ${status}.`,
            location: at,
          });
        }
      }
    },
  };
}

/**
 * Requires the name of every component to be in PascalCase. Redocly's own rules for component names do not apply: a
 * component gets its name from its file, and only in the bundle.
 */
function componentName() {
  return {
    ref(node: Node, { report, resolve }: Context) {
      const { location } = resolve(node);
      const [, name] = /\/components\/\w+\/([^/]+)\.yaml$/.exec(location?.source.absoluteRef ?? '') ?? [];
      if (name === undefined || /^([A-Z][a-z0-9]*)+$/.test(name)) return;
      report({ message: 'Name the file of a component in PascalCase.', location });
    },
  };
}

/** Returns the plugin. */
export default function contractRules() {
  return {
    id: 'contract',
    rules: {
      oas3: {
        provenance,
        'example-present': examplePresent,
        'shared-problems': sharedProblems,
        'component-name': componentName,
        carried,
      },
    },
  };
}
