/** The lint rules that Redocly's own rules cannot express. redocly.yaml enables them. */

import { carried } from './carried.ts';
import { type Context, follow, isNode, type Location, type Node, type Path, refuse } from './context.ts';

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

/** Names of properties whose values are secret. */
const secretName = /(^|_)(secret|password|token|api_key|private_key)s?$/;

/**
 * Requires `x-secret` of every property that is named like a secret: `true` where it is sent, the mask and the query that
 * reveals it where it is shown, `false` where the name misleads. The conformance suite reads it.
 */
function secretMarked() {
  return {
    SchemaProperties(properties: Node, { report, location }: Context) {
      for (const [name, property] of Object.entries(properties)) {
        const { 'x-secret': secret } = property as Node;
        if (!secretName.test(name) && secret === undefined) continue;
        const isShown = typeof secret === 'object' && secret !== null && typeof (secret as Node).mask === 'string';
        if (typeof secret === 'boolean' || isShown) continue;
        const message =
          'Add x-secret: true, false, or an object with `mask` and, where a query shows it, `revealed_by`.';
        report({ message, location: location.child([name]) });
      }
    },
  };
}

/**
 * Requires `x-filters` of every query parameter: the dotted path of the property that it filters by, or `false`. The
 * conformance suite reads it.
 */
function filterNamed() {
  return {
    Parameter(parameter: Node, { report, location }: Context) {
      if (parameter.in !== 'query') return;
      const { 'x-filters': filters } = parameter;
      if (filters === false || (typeof filters === 'string' && filters !== '')) return;
      report({ message: 'Add x-filters: the property that the parameter filters by, or false.', location });
    },
  };
}

/** Requires `x-refers-to` to name a collection: the last part of a path that has items below it. */
function referenceExists() {
  const references: { name: unknown; location: Location }[] = [];
  const collect = (node: Node, { location }: Pick<Context, 'location'>) => {
    if (node['x-refers-to'] !== undefined) references.push({ name: node['x-refers-to'], location });
  };
  const collections = new Set<string>();
  return {
    Parameter: collect,
    Paths(paths: Node) {
      for (const path of Object.keys(paths)) {
        const [, name] = /\/([^/{}]+)\/\{[^/]+\}$/.exec(path) ?? [];
        if (name !== undefined) collections.add(name);
      }
    },
    SchemaProperties(properties: Node, { location }: Context) {
      for (const [name, property] of Object.entries(properties)) {
        collect(property as Node, { location: location.child([name]) });
      }
    },
    Root: {
      leave(_: Node, { report }: Context) {
        for (const { name, location } of references) {
          if (collections.has(name as string)) continue;
          report({ message: `x-refers-to names no collection. There are ${[...collections].join(', ')}.`, location });
        }
      },
    },
  };
}

/**
 * Requires a limit of every array that a client sends: of those in objects that are closed, as only requests are here, and
 * of those in parameters. Without one, a single request may hold any number of items.
 */
function arrayLimited() {
  const check = (node: unknown, context: Context, path: Path) => {
    const { type, maxItems } = follow(node, context);
    if (![type].flat().includes('array') || maxItems !== undefined) return;
    refuse(context, path, 'Add maxItems: an array that a client sends needs a limit.');
  };
  return {
    Parameter: ({ schema }: Node, context: Context) => check(schema, context, ['schema']),
    Schema({ additionalProperties, properties }: Node, context: Context) {
      if (additionalProperties !== false || !isNode(properties)) return;
      for (const [name, property] of Object.entries(properties)) check(property, context, ['properties', name]);
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
        'secret-marked': secretMarked,
        'filter-named': filterNamed,
        'reference-exists': referenceExists,
        'array-limited': arrayLimited,
        'component-name': componentName,
        carried,
      },
    },
  };
}
