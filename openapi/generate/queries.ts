import { type Argument, listArguments, renderArguments } from './arguments.ts';
import { type Bundle, docComment, listOperations, literal, type ResolvedOperation } from './bundle.ts';
import { isPaged } from './composed.ts';

const isQuery = ({ method }: ResolvedOperation) => method === 'get';
/** Returns the arguments of a method. Options that may be left out are not among them: TanStack Query gives them in part. */
const argumentsOf = (operation: ResolvedOperation) =>
  listArguments(operation).filter(({ name, isOptional }) => name !== 'options' || !isOptional);

/** Renders arguments, typed as those of a method. */
const renderTyped = (operationId: string, args: readonly Argument[]) =>
  renderArguments(
    args.map((argument, index) => ({ ...argument, type: `Parameters<Operations[${literal(operationId)}]>[${index}]` })),
  ).join(', ');

function renderQuery(operation: ResolvedOperation): string {
  const { operationId, summary } = operation;
  const args = argumentsOf(operation);
  const names = args.map(({ name }) => name).join(', ');
  const sent = args.map(({ name }) => (name === 'options' ? '{ ...options, signal }' : name));
  const call = names.endsWith('options') ? sent : [...sent, '{ signal }'];
  const doc = docComment([`Returns the options of a query: ${summary}.`], '    ');
  return `${doc}
    ${operationId}: (${renderTyped(operationId, args)}) => ({
      queryKey: ['oauth-apps', ${literal(operationId)}${names && `, ${names}`}] as const,
      queryFn: ({ signal }: QueryContext) => client.${operationId}(${call.join(', ')}),
    }),`;
}

function renderPages({ operationId, summary, parameters }: ResolvedOperation): string {
  const doc = docComment([`Returns the options of an infinite query, page by page: ${summary}.`], '    ');
  const limit = parameters.some(({ name }) => name === 'limit') ? 'limit: 100, ' : '';
  return `${doc}
    ${operationId}Pages: (query?: Omit<NonNullable<Parameters<Operations[${literal(operationId)}]>[0]>, 'cursor'>) => ({
      queryKey: ['oauth-apps', ${literal(operationId)}, 'pages', query] as const,
      queryFn: ({ signal, pageParam }: QueryContext & { pageParam: string | undefined }) =>
        client.${operationId}({ ${limit}...query, cursor: pageParam }, { signal }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page: Awaited<ReturnType<Operations[${literal(operationId)}]>>) => page.next_cursor,
    }),`;
}

function renderMutation(operation: ResolvedOperation): string {
  const { operationId, summary } = operation;
  const args = argumentsOf(operation);
  const type = args.map(({ name }, index) => `${name}: Parameters<Operations[${literal(operationId)}]>[${index}]`);
  const [single] = args;
  const isSingle = args.length === 1 && single !== undefined;
  const names = args.map(({ name }) => name).join(', ');
  const variables = isSingle ? type[0] : `{ ${names} }: { ${type.join('; ')} }`;
  const doc = docComment(
    [
      `Returns the options of a mutation: ${summary}. Its variables are ${isSingle ? `\`${names}\`` : `\`{ ${names} }\``}.`,
    ],
    '    ',
  );
  return `${doc}
    ${operationId}: () => ({
      mutationKey: ['oauth-apps', ${literal(operationId)}] as const,
      mutationFn: (${variables}) => client.${operationId}(${names}),
    }),`;
}

/** Renders the options of TanStack Query for each operation. */
export function renderQueries(bundle: Bundle): string {
  const operations = listOperations(bundle);
  const [queries, mutations] = [operations.filter(isQuery), operations.filter((operation) => !isQuery(operation))];
  return `import type { Operations } from './client.ts';

/** The context that TanStack Query gives to a query. */
interface QueryContext {
  readonly signal: AbortSignal;
}

/**
 * Creates the options of TanStack Query for each operation, for \`useQuery\`, \`useInfiniteQuery\`, \`prefetchQuery\` and so on.
 * Keys begin with \`oauth-apps\` and the operation. They need version 5 of TanStack Query, for React or any other framework.
 *
 * @param client - Client that sends the requests.
 * @example
 * const queries = createQueries(client);
 * const found = await queryClient.fetchQuery(queries.getOAuthApp(id)); // in React: useQuery(queries.getOAuthApp(id))
 * await queryClient.invalidateQueries({ queryKey: queries.key });
 * @see https://tanstack.com/query/latest/docs/framework/react/guides/query-options
 */
export function createQueries(client: Operations) {
  return {
    /** Key that all queries begin with. */
    key: ['oauth-apps'] as const,
${[...queries.map(renderQuery), ...queries.filter((operation) => isPaged(bundle, operation)).map(renderPages)].join('\n')}
  };
}

/**
 * Creates the options of TanStack Query for each operation that writes, for \`useMutation\`.
 *
 * @param client - Client that sends the requests.
 * @example
 * const mutations = createMutations(client);
 * await mutations.updateOAuthApp().mutationFn({ id, body: { name: 'New' } }); // in React: useMutation(mutations.updateOAuthApp())
 */
export function createMutations(client: Operations) {
  return {
${mutations.map(renderMutation).join('\n')}
  };
}
`;
}
