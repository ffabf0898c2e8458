import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';

/**
 * Independent implementation of the published API, written only from Sequin's pages. It uses nothing of this project and
 * has none of its extensions: no problem details, no versions, no paging, no DELETE.
 */

type Json = Record<string, unknown>;
interface App {
  account: string;
  secret: string;
  /** App as responses show it. */
  shown: Json;
}
interface ApiResponse {
  status: number;
  body: Json;
}
interface ApiRequest {
  method: string;
  url: URL;
  authorization: string;
  text: string;
}

const providers =
  'airtable auth0 hubspot github linear marketo netsuite quickbooks salesforce sendgrid servicenow shopify stripe workday';
const enums: Record<string, string[]> = {
  provider: providers.split(' '),
  'health.status': ['ok', 'warn', 'error'],
  truncate_secrets: ['true', 'false'],
};
const required = ['provider', 'client_id', 'client_secret', 'name'];

const summaries: Record<number, string> = {
  400: 'Your request is invalid.',
  401: 'Your API key is wrong.',
  404: 'The specified object could not be found.',
  422: 'Your request failed validation.',
};
const fail = (status: number, fields: Json = {}): ApiResponse => ({
  status,
  body: { summary: summaries[status], ...fields },
});
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the validation errors of a body by field. */
function validate(body: Json, isUpdate: boolean): Json {
  const errors: Json = {};
  for (const name of isUpdate ? [] : required) if (!(name in body)) errors[name] = ['is required'];
  for (const [name, value] of Object.entries(body)) {
    const isFixed = name === 'provider' || name === 'client_id';
    if (name === 'metadata' && !isObject(value)) errors[name] = ['must be an object'];
    else if (required.includes(name) && (typeof value !== 'string' || value === ''))
      errors[name] = ['must be a string that is not empty'];
    else if (name === 'provider' && !enums.provider?.includes(value as string))
      errors[name] = [`must be one of ${providers}`];
    else if (isUpdate && (isFixed || !['name', 'client_secret', 'metadata'].includes(name)))
      errors[name] = ['cannot be updated'];
  }
  return errors;
}

function readFilters(query: URLSearchParams): { errors: Json; metadata?: Json } {
  const errors: Json = {};
  for (const [name, values] of Object.entries(enums)) {
    const value = query.get(name);
    if (value !== null && !values.includes(value)) errors[name] = [`must be one of ${values.join(', ')}`];
  }
  const metadata = query.has('metadata') ? parse(query.get('metadata') ?? '') : {};
  if (!isObject(metadata)) return { errors: { ...errors, metadata: ['must be a JSON object'] } };
  return { errors, metadata };
}

function hasMetadata({ shown }: App, filter: Json): boolean {
  const metadata = shown.metadata as Json;
  return Object.entries(filter).every(
    ([name, value]) => Object.hasOwn(metadata, name) && isDeepStrictEqual(metadata[name], value),
  );
}

/** Lists the apps of an account. */
function list(apps: readonly App[], query: URLSearchParams): ApiResponse {
  const { errors, metadata = {} } = readFilters(query);
  if (Object.keys(errors).length > 0) return fail(422, { validation_errors: errors });
  const [provider, status] = [query.get('provider'), query.get('health.status')];
  const data = apps
    .filter(({ shown }) => provider === null || shown.provider === provider)
    .filter(({ shown }) => status === null || (shown.health as Json).status === status)
    .filter((app) => hasMetadata(app, metadata))
    .map(({ shown, secret }) =>
      query.get('truncate_secrets') === 'false' ? { ...shown, client_secret: secret } : shown,
    );
  return { status: 200, body: { data } };
}

function createApp(account: string, { provider, client_id, client_secret, name, metadata = {} }: Json): App {
  const id = randomUUID();
  const health = { status: 'ok', notes: [], time: now().replace('T', ' ').slice(0, 19) };
  const times = { created_at: now(), updated_at: now() };
  const shown = { id, provider, name, client_id, client_secret: '*'.repeat(10), metadata, health, ...times };
  return { account, secret: client_secret as string, shown };
}

function update(app: App, { client_secret, metadata, ...change }: Json, mergesMetadata: boolean): void {
  if (client_secret !== undefined) app.secret = client_secret as string;
  const merged = mergesMetadata ? { ...(app.shown.metadata as Json), ...(metadata as Json) } : metadata;
  app.shown = { ...app.shown, ...change, ...(metadata !== undefined && { metadata: merged }), updated_at: now() };
}

export interface IndependentOptions {
  /** Accounts by their tokens. */
  readonly tokens: Readonly<Record<string, string>>;
  /**
   * Whether the server has a seeded fault: an update adds to the metadata instead of replacing it.
   *
   * @default false
   */
  readonly mergesMetadata?: boolean;
}

function createApi({ tokens, mergesMetadata = false }: IndependentOptions) {
  const apps = new Map<unknown, App>();

  return ({ method, url, authorization, text }: ApiRequest): ApiResponse => {
    const account = tokens[/^Bearer (.+)$/i.exec(authorization)?.[1] ?? ''];
    if (account === undefined) return fail(401);
    const [, id] = /^\/v1\/oauth-apps(?:\/([^/]+))?$/.exec(url.pathname) ?? [url.pathname, undefined];
    const isCollection = url.pathname === '/v1/oauth-apps';
    const app = id === undefined ? undefined : apps.get(id);
    const isKnown = isCollection ? ['GET', 'POST'].includes(method) : app?.account === account;
    if (!isKnown || !['GET', 'POST', 'PATCH'].includes(method)) return fail(404);
    if (method === 'GET' && app !== undefined) return { status: 200, body: app.shown };
    if (method === 'GET')
      return list(
        [...apps.values()].filter((each) => each.account === account),
        url.searchParams,
      );
    const body = parse(text);
    if (!isObject(body)) return fail(400);
    const errors = validate(body, app !== undefined);
    if (Object.keys(errors).length > 0) return fail(422, { validation_errors: errors });
    const written = app ?? createApp(account, body);
    if (app === undefined) apps.set(written.shown.id, written);
    else update(app, body, mergesMetadata);
    return { status: 200, body: written.shown };
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** Starts the independent server on a free port. Dispose of it with `await using`. */
export async function startIndependentServer(options: IndependentOptions) {
  const respond = createApi(options);
  const server = createServer(async (request, response) => {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', 'http://localhost');
    const text = await readText(request);
    const { status, body } = respond({ method, url, authorization: headers.authorization ?? '', text });
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
