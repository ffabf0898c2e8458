/** Renders code samples of the operations in three languages. */

import { listArguments } from '../generate/arguments.ts';
import { type Bundle, listOperations, literal, type ResolvedOperation } from '../generate/bundle.ts';
import { readRequest, type SampleRequest } from './sample-request.ts';

/** The languages, each with its name, its file extension and Redoc's name of its syntax highlighting. */
export const sampleLanguages = [
  { label: 'curl', extension: 'sh', lang: 'bash' },
  { label: 'Client', extension: 'ts', lang: 'javascript' },
  { label: 'fetch', extension: 'ts', lang: 'javascript' },
] as const;

/** A code sample. */
export type Sample = (typeof sampleLanguages)[number] & { readonly source: string };

/** The environment variable from which the samples read the token. */
const tokenVariable = 'API_TOKEN';

/** Returns the note on the samples for readers, in Markdown. */
export const sampleNote = (packageName: string): string =>
  `**Samples** read the API token from the environment variable \`${tokenVariable}\`. \`npm install ${packageName}\` installs the client that they use. For another server, replace their URL: a token belongs to one server.`;

const mediaType = 'application/json';
const widestLine = 60;

const shellQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Returns a value as TypeScript source, in one line when it is short. */
function write(value: unknown, indent = ''): string {
  const lines = literal(value, indent);
  const line = lines
    .replaceAll(/\{\n */g, '{ ')
    .replaceAll(/,\n *\}/g, ' }')
    .replaceAll(/,\n */g, ', ');
  return line.length <= widestLine ? line : lines;
}

function renderCurl({ method, url, query, headers, body }: SampleRequest): string {
  const sentHeaders = { ...headers, ...(body !== undefined && { 'Content-Type': mediaType }) };
  const options = [
    query.length > 0 ? '--get' : `--request ${method}`,
    `--url ${/^[\w:/.-]+$/.test(url) ? url : shellQuote(url)}`,
    `--header "Authorization: Bearer $${tokenVariable}"`,
    ...Object.entries(sentHeaders).map(([name, value]) => `--header ${shellQuote(`${name}: ${value}`)}`),
    ...query.map(({ name, text }) => `--data-urlencode ${shellQuote(`${name}=${text}`)}`),
  ];
  const json = JSON.stringify(body, null, 2)?.replaceAll('\n', '\n  ');
  return `curl ${[...options, ...(json ? [`--data ${shellQuote(json)}`] : [])].join(' \\\n  ')}\n`;
}

function renderFetch({ method, url, query, headers, body }: SampleRequest, hasContent: boolean): string {
  const sentHeaders = { ...headers, ...(body !== undefined && { 'Content-Type': mediaType }) };
  const filters = query.map(({ name, text, value, isJson }) => {
    const written = isJson ? `JSON.stringify(${write(value)})` : write(text);
    return `url.searchParams.set(${literal(name)}, ${written});\n`;
  });
  const setUp = query.length > 0 ? `const url = new URL(${literal(url)});\n${filters.join('')}\n` : '';
  const headerLines = [
    `Authorization: \`Bearer \${process.env.${tokenVariable}}\``,
    ...Object.entries(sentHeaders).map(([name, value]) => `${literal(name)}: ${literal(value)}`),
  ];
  const init = [
    ...(method === 'GET' ? [] : [`method: ${literal(method)},`]),
    headerLines.length === 1
      ? `headers: { ${headerLines[0]} },`
      : `headers: {\n${headerLines.map((line) => `    ${line},\n`).join('')}  },`,
    ...(body === undefined ? [] : [`body: JSON.stringify(${write(body, '  ')}),`]),
  ];
  return `${setUp}const response = await fetch(${query.length > 0 ? 'url' : literal(url)}, {
${init.map((line) => `  ${line}\n`).join('')}});
if (!response.ok) {
  throw new Error(\`\${response.status}: \${await response.text()}\`);
}
console.log(${hasContent ? 'await response.json()' : 'response.status'});
`;
}

function renderClient(operation: ResolvedOperation, { args }: SampleRequest, baseUrl: string, packageName: string) {
  const values = listArguments(operation).map(({ name }) => args.get(name));
  const given = values.slice(0, values.findLastIndex((value) => value !== undefined) + 1);
  const list = given.map((value) => (value === undefined ? 'undefined' : write(value, '  '))).join(', ');
  return `import { createOAuthAppsClient, ProblemError } from ${literal(packageName)};

const client = createOAuthAppsClient({
  baseUrl: ${literal(baseUrl)},
  token: process.env.${tokenVariable} ?? '',
});

try {
  const result = await client.${operation.operationId}(${list});
  console.log(result);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  console.error(error.message, error.problem);
}
`;
}

/**
 * Returns the samples of every operation by operationId: for curl, for the client of the package `packageName`, and for
 * `fetch`. They send the examples of the description to its first server.
 */
export function renderSamples(bundle: Bundle, packageName: string): ReadonlyMap<string, readonly Sample[]> {
  const baseUrl = bundle.servers?.[0]?.url ?? '';
  return new Map(
    listOperations(bundle).map((operation) => {
      const request = readRequest(bundle, operation, baseUrl);
      const [, success] = Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? [];
      const sources = {
        curl: renderCurl(request),
        Client: renderClient(operation, request, baseUrl, packageName),
        fetch: renderFetch(request, success?.content !== undefined),
      };
      const samples = sampleLanguages.map((language) => ({ ...language, source: sources[language.label] }));
      return [operation.operationId, samples];
    }),
  );
}
