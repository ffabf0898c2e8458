/**
 * The house rules of the description that Redocly's own rules cannot express. Switched on in redocly.yaml.
 */

import { type Context, componentOf, type Node } from './context.ts';

const provenances = ['documented', 'inferred', 'extension'];
const problemSchemas = ['Problem', 'ValidationProblem'];

/** Every operation, response, parameter, header and schema property says where its statement comes from. */
function provenance() {
  const check = (node: Node, { report, location }: Pick<Context, 'report' | 'location'>) => {
    if (provenances.includes(node['x-provenance'] as string)) return;
    report({ message: `Say where this comes from: x-provenance, one of ${provenances.join(', ')}.`, location });
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

/** Every request body, response and response header has an example, so that docs, mock and tests invent nothing. */
function examplePresent() {
  const check = (node: Node, { report, location }: Context) => {
    const examples = node.examples as Node | undefined;
    if (examples !== undefined && Object.keys(examples).length > 0) return;
    report({ message: 'Give an example: `examples` with a $ref into components/examples.', location });
  };
  return { MediaType: check, Header: check };
}

/** Every 4xx and 5xx response is a shared one and holds nothing but problem details. */
function sharedProblems() {
  return {
    Responses(responses: Node, { report, location, resolve }: Context) {
      for (const [status, response] of Object.entries(responses)) {
        if (!/^[45]/.test(status)) continue;
        const at = location.child([status]);
        if (!String((response as Node).$ref ?? '').includes('components/responses/')) {
          report({ message: `Use a shared response of components/responses for ${status}.`, location: at });
        }
        const shared = (resolve(response).node ?? {}) as { content?: Record<string, { schema?: { $ref?: string } }> };
        const content = Object.entries(shared.content ?? {});
        const isProblem =
          content.length === 1 &&
          content[0]?.[0] === 'application/problem+json' &&
          problemSchemas.some((name) => content[0]?.[1].schema?.$ref?.endsWith(`/${name}.yaml`));
        if (!isProblem) {
          report({
            message: `Answer ${status} with application/problem+json and a problem schema only.`,
            location: at,
          });
        }
      }
    },
  };
}

/**
 * Every component is named in PascalCase. It gets its name from the file that a `$ref` points to, and only in the
 * bundle, so Redocly's own rules for component names never see it.
 */
function componentName() {
  return {
    ref(node: Node, { report, resolve }: Context) {
      const { location } = resolve(node);
      const component = componentOf(location?.source.absoluteRef ?? '');
      if (component === undefined || /^([A-Z][a-z0-9]*)+$/.test(component.name)) return;
      report({ message: 'Name a component in PascalCase, as its file is.', location });
    },
  };
}

export default function contractRules() {
  return {
    id: 'contract',
    rules: {
      oas3: {
        provenance,
        'example-present': examplePresent,
        'shared-problems': sharedProblems,
        'component-name': componentName,
      },
    },
  };
}
