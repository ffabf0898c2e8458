import { type Bundle, deref, literal } from './bundle.ts';

const camel = (name: string) => {
  const words = name.replace(/[-_.](\w)/g, (_, letter: string) => letter.toUpperCase());
  return words.charAt(0).toLowerCase() + words.slice(1);
};
const plural = (name: string) => (name.endsWith('s') ? `${name}es` : `${name}s`);

/** `x-max-…` keywords of a node, as limits by name. */
function maxima(node: object): Record<string, unknown> {
  const entries = Object.entries(node).filter(([name]) => name.startsWith('x-max-'));
  return Object.fromEntries(entries.map(([name, value]) => [camel(name.slice('x-max-'.length)), value]));
}

/** Value lists, in a file of their own: what callers import is to bring nothing else. */
export function renderLists({ components }: Bundle): string {
  const scopes = Object.keys((Object.values(components.securitySchemes)[0]?.['x-scopes'] ?? {}) as object);
  const lists = Object.entries(components.schemas)
    .filter(([, schema]) => schema.enum !== undefined)
    .map(([name, schema]) => {
      const list = plural(camel(name));
      return `/** Every value of \`${name}\` that the description knows, in its order. */\nexport const ${list} = ${literal(schema.enum)} as const;\n`;
    });
  return [
    ...lists,
    `/** What a token can be allowed to do. */\nexport const scopes = ${literal(scopes)} as const;\n`,
  ].join('\n');
}

function readLimits(bundle: Bundle): Record<string, unknown> {
  const perSchema = Object.entries(bundle.components.schemas)
    .map(([name, schema]) => [camel(name), maxima(schema)] as const)
    .filter(([, limits]) => Object.keys(limits).length > 0);
  return { ...maxima(bundle), ...Object.fromEntries(perSchema) };
}

/** Each example of a problem, by name → the members that are the same for every occurrence. */
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

/** What to say instead of `must match pattern …`, by pattern. */
function readPatternMessages(bundle: Bundle): Record<string, unknown> {
  const worded = Object.values(bundle.components.schemas).filter((schema) => schema['x-pattern-message']);
  return Object.fromEntries(worded.map((schema) => [schema.pattern, schema['x-pattern-message']]));
}

/** Value lists, limits, problems and messages: what the description says, as constants. */
export function renderValues(bundle: Bundle): string {
  return [
    "export * from './lists.ts';\n",
    `/** The version of the description. */\nexport const version = ${literal(bundle.info.version)};\n`,
    `/** The limits that JSON Schema has no keyword for. */\nexport const limits = ${literal(readLimits(bundle))} as const;\n`,
    `/** The problems of the description, by the name of their example. */\nexport const problems = ${literal(readProblems(bundle))} as const;\n`,
    `/** What a pattern means in words, by pattern. */\nexport const patternMessages: Readonly<Record<string, string>> = ${literal(readPatternMessages(bundle))};\n`,
  ].join('\n');
}
