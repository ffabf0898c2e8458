import { type Bundle, deref, literal } from './bundle.ts';

/** Returns a name in camel case: `OAuthApp` → `oAuthApp`. */
export const camel = (name: string) => {
  const words = name.replace(/[-_.](\w)/g, (_, letter: string) => letter.toUpperCase());
  return words.charAt(0).toLowerCase() + words.slice(1);
};
const plural = (name: string) => (name.endsWith('s') ? `${name}es` : `${name}s`);

/** Names that the generated code gives to constants of its own. */
const ownNames = new Set(['scopes', 'version', 'limits', 'maxBodyDepth', 'problems', 'patternMessages']);

/** Returns the name of the list of a schema's values: `HealthStatus` → `healthStatuses`. */
function listName(schemaName: string): string {
  const name = plural(camel(schemaName));
  return ownNames.has(name) ? `${camel(schemaName)}Values` : name;
}

/** Returns the `x-max-…` keywords of a node as limits by name. */
export function readMaxima(node: object): Record<string, unknown> {
  const entries = Object.entries(node).filter(([name]) => name.startsWith('x-max-'));
  return Object.fromEntries(entries.map(([name, value]) => [camel(name.slice('x-max-'.length)), value]));
}

/** Renders the value lists. They have a file of their own, so that callers import nothing else with them. */
export function renderLists({ components }: Bundle): string {
  const scopes = Object.keys((Object.values(components.securitySchemes)[0]?.['x-scopes'] ?? {}) as object);
  const lists = Object.entries(components.schemas)
    .filter(([, schema]) => schema.enum !== undefined)
    .map(([name, schema]) => {
      const list = listName(name);
      const first = literal(schema.enum?.[0]);
      return `/**
 * Every value of \`${name}\`, in the order of the description.
 *
 * @example console.log(${list}.includes(${first})); // true
 */
export const ${list} = ${literal(schema.enum)} as const;

/**
 * Whether a value is one of \`${list}\`. Responses may have values that were added later.
 *
 * @example console.log(is${name}(${first})); // true
 */
export const is${name} = (value: unknown): value is (typeof ${list})[number] => (${list} as readonly unknown[]).includes(value);
`;
    });
  return [
    ...lists,
    `/** The scopes that a token can have. */\nexport const scopes = ${literal(scopes)} as const;\n`,
  ].join('\n');
}

function readLimits(bundle: Bundle): Record<string, unknown> {
  const perSchema = Object.entries(bundle.components.schemas)
    .map(([name, schema]) => [camel(name), readMaxima(schema)] as const)
    .filter(([, limits]) => Object.keys(limits).length > 0);
  return { ...readMaxima(bundle), ...Object.fromEntries(perSchema) };
}

/** Returns the levels of objects and arrays that a body may have, its own included, as source. */
function renderBodyDepth({ components }: Bundle): string {
  const depths = Object.values(components.schemas).flatMap((schema) => schema['x-max-depth'] ?? []);
  return depths.length === 0 ? 'Number.POSITIVE_INFINITY' : String(Math.max(...depths.map(Number)) + 1);
}

/** Returns the members of each problem that are the same for every occurrence, by the name of its example. */
function readProblems(bundle: Bundle): Record<string, unknown> {
  const examples = Object.values(bundle.components.responses).flatMap(({ content }) =>
    Object.entries(content?.['application/problem+json']?.examples ?? {}),
  );
  return Object.fromEntries(
    examples.map(([name, example]) => {
      const { value } = deref<{ value: unknown }>(bundle, example);
      const { type, title, status, summary } = value as Record<string, unknown>;
      return [name, { type, title, status, summary }];
    }),
  );
}

/** Returns the messages that replace `must match pattern …`, by pattern. */
function readPatternMessages(bundle: Bundle): Record<string, unknown> {
  const schemas = Object.values(bundle.components.schemas).filter((schema) => schema['x-pattern-message']);
  return Object.fromEntries(schemas.map((schema) => [schema.pattern, schema['x-pattern-message']]));
}

/** Renders the version, the limits, the problems and the messages of the description as constants. */
export function renderValues(bundle: Bundle): string {
  return [
    "export * from './lists.ts';\n",
    `/** The version of the description. */\nexport const version = ${literal(bundle.info.version)};\n`,
    `/** The limits for which JSON Schema has no keyword. */\nexport const limits = ${literal(readLimits(bundle))} as const;\n`,
    `/** The levels of objects and arrays that a request body may have, including the outermost one. */\nexport const maxBodyDepth = ${renderBodyDepth(bundle)};\n`,
    `/** The problems of the description, by the name of their example. */\nexport const problems = ${literal(readProblems(bundle))} as const;\n`,
    `/** The message of each pattern, for a value that does not match. */\nexport const patternMessages: Readonly<Record<string, string>> = ${literal(readPatternMessages(bundle))};\n`,
  ].join('\n');
}
