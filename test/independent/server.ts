import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';

/**
 * The published API as somebody else would write it, from Sequin's pages alone: nothing of this project is used, and
 * nothing that it adds is there. No problem details, no versions, no pages, no DELETE.
 */

type Json = Record<string, unknown>;
interface App {
  account: string;
  secret: string;
  shown: Json;
}
interface Answer {
  status: number;
  body: Json;
}

const providers =
  'airtable auth0 hubspot github linear marketo netsuite quickbooks salesforce sendgrid servicenow shopify stripe workday';
const lists: Record<string, string[]> = {
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
const fail = (status: number, more: Json = {}): Answer => ({ status, body: { summary: summaries[status], ...more } });
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

/** What is wrong with the fields of a body, by field. */
function validate(body: Json, isUpdate: boolean): Json {
  const errors: Json = {};
  for (const name of isUpdate ? [] : required) if (!(name in body)) errors[name] = ['is required'];
  for (const [name, value] of Object.entries(body)) {
    const isFixed = name === 'provider' || name === 'client_id';
    if (name === 'metadata' && !isObject(value)) errors[name] = ['must be an object'];
    else if (required.includes(name) && (typeof value !== 'string' || value === ''))
      errors[name] = ['must be a string that is not empty'];
    else if (name === 'provider' && !lists.provider?.includes(value as string))
      errors[name] = [`must be one of ${providers}`];
    else if (isUpdate && (isFixed || !['name', 'client_secret', 'metadata'].includes(name)))
      errors[name] = ['cannot be updated'];
  }
  return errors;
}

function readFilters(query: URLSearchParams): { errors: Json; metadata?: Json } {
  const errors: Json = {};
  for (const [name, values] of Object.entries(lists)) {
    const value = query.get(name);
    if (value !== null && !values.includes(value)) errors[name] = [`must be one of ${values.join(', ')}`];
  }
  const metadata = query.has('metadata') ? parse(query.get('metadata') ?? '') : {};
  if (!isObject(metadata)) return { errors: { ...errors, metadata: ['must be a JSON object'] } };
  return { errors, metadata };
}

export interface IndependentOptions {
  /** The accounts by their tokens. */
  readonly tokens: Readonly<Record<string, string>>;
  /** A mistake: an update adds to the metadata instead of replacing it. */
  readonly mergesMetadata?: boolean;
}

function createApi({ tokens, mergesMetadata = false }: IndependentOptions) {
  const apps = new Map<string, App>();

  const list = (account: string, query: URLSearchParams): Answer => {
    const { errors, metadata = {} } = readFilters(query);
    if (Object.keys(errors).length > 0) return fail(422, { validation_errors: errors });
    const [provider, status] = [query.get('provider'), query.get('health.status')];
    const data = [...apps.values()]
      .filter((app) => app.account === account)
      .filter(({ shown }) => provider === null || shown.provider === provider)
      .filter(({ shown }) => status === null || (shown.health as Json).status === status)
      .filter(({ shown }) =>
        Object.entries(metadata).every(([name, value]) => {
          const own = shown.metadata as Json;
          return Object.hasOwn(own, name) && isDeepStrictEqual(own[name], value);
        }),
      )
      .map(({ shown, secret }) =>
        query.get('truncate_secrets') === 'false' ? { ...shown, client_secret: secret } : shown,
      );
    return { status: 200, body: { data } };
  };

  const create = (account: string, { provider, client_id, client_secret, name, metadata = {} }: Json): Answer => {
    const id = randomUUID();
    const health = { status: 'ok', notes: [], time: now().replace('T', ' ').slice(0, 19) };
    const times = { created_at: now(), updated_at: now() };
    const shown = { id, provider, name, client_id, client_secret: '*'.repeat(10), metadata, health, ...times };
    apps.set(id, { account, secret: client_secret as string, shown });
    return { status: 200, body: shown };
  };

  const update = (app: App, { client_secret, metadata, ...change }: Json): Answer => {
    if (client_secret !== undefined) app.secret = client_secret as string;
    const merged = mergesMetadata ? { ...(app.shown.metadata as Json), ...(metadata as Json) } : metadata;
    app.shown = { ...app.shown, ...change, ...(metadata !== undefined && { metadata: merged }), updated_at: now() };
    return { status: 200, body: app.shown };
  };

  return (method: string, url: URL, authorization: string, text: string): Answer => {
    const account = tokens[/^Bearer (.+)$/i.exec(authorization)?.[1] ?? ''];
    if (account === undefined) return fail(401);
    const [, id] = /^\/v1\/oauth-apps(?:\/([^/]+))?$/.exec(url.pathname) ?? [url.pathname, undefined];
    const isCollection = url.pathname === '/v1/oauth-apps';
    const app = id === undefined ? undefined : apps.get(id);
    const isKnown = isCollection ? ['GET', 'POST'].includes(method) : app?.account === account;
    if (!isKnown || !['GET', 'POST', 'PATCH'].includes(method)) return fail(404);
    if (method === 'GET')
      return isCollection ? list(account, url.searchParams) : { status: 200, body: app?.shown ?? {} };
    const body = parse(text);
    if (!isObject(body)) return fail(400);
    const errors = validate(body, app !== undefined);
    if (Object.keys(errors).length > 0) return fail(422, { validation_errors: errors });
    return app === undefined ? create(account, body) : update(app, body);
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** Starts it on a free port. Dispose of it with `await using`. */
export async function startIndependentServer(options: IndependentOptions) {
  const answer = createApi(options);
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const text = await readText(request);
    const { status, body } = answer(method, new URL(url, 'http://localhost'), headers.authorization ?? '', text);
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
