import { type Bundle, deref, listOperations, literal, type Ref, type Response } from './bundle.ts';

type Example = { value: unknown };
type Header = { examples?: Record<string, Example> };

/** The name of a shared component; undefined for what is written in place. */
const nameOf = (node: object): string | undefined => ('$ref' in node ? String(node.$ref).split('/').at(-1) : undefined);

/** Values under names, each written once. */
function collect(prefix: string) {
  const names = new Map<string, string>();
  return {
    /** The name of a value. */
    nameOf(value: unknown): string {
      const text = literal(value);
      const name = names.get(text) ?? `${prefix}${names.size + 1}`;
      names.set(text, name);
      return name;
    },
    render: () => Array.from(names, ([text, name]) => `const ${name} = ${text};\n`).join(''),
  };
}

/** The headers of a response that have an example, with it. */
function readHeaders(bundle: Bundle, { headers = {} }: Response): Record<string, string> {
  const examples = Object.entries(headers).flatMap(([name, header]) => {
    const [example] = Object.values(deref<Header>(bundle, header as Header).examples ?? {});
    return example === undefined ? [] : [[name, String(deref<Example>(bundle, example).value)] as const];
  });
  return Object.fromEntries(examples);
}

/** The named examples of a response; one without a body goes by the name of the response. */
function listExamples(bundle: Bundle, node: Response | Ref) {
  const { content = {} } = deref<Response>(bundle, node);
  const examples = Object.entries(content).flatMap(([mediaType, { examples = {} }]) =>
    Object.entries(examples).map(([name, example]) => ({ name, mediaType, example: nameOf(example) })),
  );
  if (examples.length > 0) return examples;
  const name = nameOf(node) ?? 'Empty';
  return [{ name, mediaType: undefined, example: undefined }];
}

/** Every documented answer of every operation, by the name of its example. */
export function renderAnswers(bundle: Bundle): string {
  const headers = collect('headers');
  const operations = listOperations(bundle).map(({ operationId, method, path, responses }) => {
    const named = bundle.paths[path]?.[method]?.responses ?? {};
    const examples = Object.entries(responses).flatMap(([status, response]) =>
      listExamples(bundle, named[status] ?? response).map(({ name, mediaType, example }) => {
        const all = { ...(mediaType && { 'Content-Type': mediaType }), ...readHeaders(bundle, response) };
        const shown = example === undefined ? '' : `, example: ${literal(example)}`;
        return { name, code: `{ status: ${status}, headers: ${headers.nameOf(all)}${shown} }` };
      }),
    );
    return { operationId, method, path, examples };
  });
  const names = operations.map(
    ({ operationId, examples }) => `  ${operationId}: ${examples.map(({ name }) => literal(name)).join(' | ')};`,
  );
  const table = operations.map(({ operationId, method, path, examples }) => {
    const lines = examples.map(({ name, code }) => `      ${literal(name)}: ${code},`);
    return `  ${operationId}: {\n    method: ${literal(method)},\n    path: ${literal(path)},\n    examples: {\n${lines.join('\n')}\n    },\n  },`;
  });
  return `/** The names of the documented answers of each operation, its success first. */
export interface AnswerNames {
${names.join('\n')}
}

/** A documented answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The example of the description that is its body. */
  readonly example?: string;
}

${headers.render()}
/** Every documented answer of every operation. */
export const answers: {
  readonly [Id in keyof AnswerNames]: {
    readonly method: ${[...new Set(operations.map(({ method }) => literal(method)))].join(' | ')};
    readonly path: string;
    readonly examples: Readonly<Record<AnswerNames[Id], Answer>>;
  };
} = {
${table.join('\n')}
};
`;
}
