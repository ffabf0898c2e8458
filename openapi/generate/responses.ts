import {
  type Bundle,
  deref,
  type Examples,
  type Header,
  listOperations,
  literal,
  type Ref,
  type ResolvedOperation,
  type Response,
} from './bundle.ts';

type Example = { value: unknown };

/** Returns the name of a shared component; `undefined` for a node that is written in place. */
const nameOf = (node: object): string | undefined => ('$ref' in node ? String(node.$ref).split('/').at(-1) : undefined);

/** Creates a collection of constants, in which each different expression is written once. */
function collect(prefix: string) {
  const names = new Map<string, string>();
  return {
    /** Returns the name of the constant that holds an expression. */
    nameOf(expression: string): string {
      const name = names.get(expression) ?? `${prefix}${names.size + 1}`;
      names.set(expression, name);
      return name;
    },
    render: () => Array.from(names, ([expression, name]) => `const ${name} = ${expression};\n`).join(''),
  };
}

/** Returns the examples of a body or a header, also of one that has a single example without a name. */
const examplesOf = ({ example, examples }: { example?: unknown; examples?: Examples }): Examples =>
  examples ?? (example === undefined ? {} : { Example: { value: example } });

/**
 * Returns the headers of a response that have an example, with its value. A header that is not in every response has only
 * the example with the name of the response.
 */
function readHeaders(bundle: Bundle, { headers = {} }: Response, responseName: string): Record<string, string> {
  const found = Object.entries(headers).flatMap(([name, node]) => {
    const header = deref<Header>(bundle, node);
    const examples = examplesOf(header);
    const example = examples[responseName] ?? (header.required ? Object.values(examples)[0] : undefined);
    return example === undefined ? [] : [[name, String(deref<Example>(bundle, example).value)] as const];
  });
  return Object.fromEntries(found);
}

/** A named example of a response: a shared one, or one that is written in place. */
interface NamedExample {
  name: string;
  mediaType?: string;
  example?: Ref | Example;
}

/** Lists the named examples of a response. A response without a body has one, under the name of the response. */
function listExamples(bundle: Bundle, node: Response | Ref): NamedExample[] {
  const { content } = deref<Response>(bundle, node);
  if (content === undefined) return [{ name: nameOf(node) ?? 'Empty' }];
  return Object.entries(content).flatMap(([mediaType, media]) =>
    Object.entries(examplesOf(media)).map(([name, example]) => ({ name, mediaType, example })),
  );
}

/** Lists the named examples of all responses of an operation. A name that has been taken gets the status behind it. */
function listNamed(bundle: Bundle, { method, path, responses }: ResolvedOperation) {
  const nodes = bundle.paths[path]?.[method]?.responses ?? {};
  const taken = new Set<string>();
  return Object.entries(responses).flatMap(([status, response]) =>
    listExamples(bundle, nodes[status] ?? response).map((example) => {
      let { name } = example;
      while (taken.has(name)) name += status;
      taken.add(name);
      return { ...example, name, status, response };
    }),
  );
}

/** Returns the status of every documented response by operationId and by the name of its example. */
export function listResponseNames(bundle: Bundle): Map<string, Map<string, string>> {
  const operations = listOperations(bundle).map((operation) => {
    const names = listNamed(bundle, operation).map(({ name, status }) => [name, status] as const);
    return [operation.operationId, new Map(names)] as const;
  });
  return new Map(operations);
}

/** The documented responses of an operation, each with the name of the constant that holds it. */
interface OperationResponses {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly examples: readonly { readonly name: string; readonly constant: string }[];
}

/** Renders the body of a response: the name of its shared example, or its value. */
function renderExample(example: NamedExample['example']): string {
  if (example === undefined) return '';
  const shared = nameOf(example);
  return shared === undefined ? `, body: ${literal((example as Example).value)}` : `, example: ${literal(shared)}`;
}

/** Lists the responses of every operation. Returns them with the source of the constants. */
function listResponses(bundle: Bundle) {
  const headers = collect('headers');
  const constants = collect('response');
  const operations = listOperations(bundle).map((operation): OperationResponses => {
    const { operationId, method, path } = operation;
    const examples = listNamed(bundle, operation).map(({ name, status, response, mediaType, example }) => {
      const all = { ...(mediaType && { 'Content-Type': mediaType }), ...readHeaders(bundle, response, name) };
      const body = renderExample(example);
      const code = `{ status: ${status}, headers: ${headers.nameOf(literal(all))}${body} }`;
      return { name, constant: constants.nameOf(code) };
    });
    return { operationId, method, path, examples };
  });
  return { operations, constants: `${headers.render()}\n${constants.render()}` };
}

const union = (names: readonly string[]) => names.map((name) => literal(name)).join(' | ') || 'never';

/** Renders the names of the responses as types. The names that every operation has are written once. */
function renderNames(operations: readonly OperationResponses[]): string {
  const lists = operations.map(({ examples }) => examples.map(({ name }) => name));
  const common = (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));
  const lines = operations.map(({ operationId }, index) => {
    const own = (lists[index] ?? []).filter((name) => !common.includes(name));
    const names = [...own.map((name) => literal(name)), 'CommonResponseName'].join(' | ');
    return `  /** Responses of \`${operationId}\`. */\n  ${operationId}: ${names};\n`;
  });
  return `/** Names of the documented responses that every operation has. */
export type CommonResponseName = ${union(common)};

/**
 * Names of the documented responses of each operation.
 *
 * @example
 * const name: ResponseNames['getOAuthApp'] = 'NotFound';
 * const mocked = handlers({ responses: { getOAuthApp: name } });
 */
export interface ResponseNames {
${lines.join('')}}
`;
}

function renderEntry({ operationId, method, path, examples }: OperationResponses): string {
  const lines = examples.map(({ name, constant }) => `      ${literal(name)}: ${constant},\n`);
  return `  ${operationId}: {
    method: ${literal(method)},
    path: ${literal(path)},
    examples: {
${lines.join('')}    },
  },
`;
}

/** Renders every documented response of every operation, by the name of its example. */
export function renderResponses(bundle: Bundle): string {
  const { operations, constants } = listResponses(bundle);
  return `${renderNames(operations)}
/** A documented response. */
export interface DocumentedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Name of the example in the description that is the body; \`undefined\` when there is no body or no name. */
  readonly example?: string;
  /** Body that is an example without a name; \`undefined\` when there is none. */
  readonly body?: unknown;
}

${constants}
/** Every documented response of every operation, by the name of its example. The first one is its success. */
export const documentedResponses: {
  readonly [Id in keyof ResponseNames]: {
    readonly method: ${union([...new Set(operations.map(({ method }) => method))])};
    readonly path: string;
    readonly examples: Readonly<Record<ResponseNames[Id], DocumentedResponse>>;
  };
} = {
${operations.map(renderEntry).join('')}};
`;
}
