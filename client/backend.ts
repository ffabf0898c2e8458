/** Stateful mock of the API, in memory: it behaves as the server does, without a server. */
import type { CreateOAuthApp, OAuthApp, UpdateOAuthApp } from '../generated/types.ts';
import { validateCreateOAuthApp, validateUpdateOAuthApp } from '../generated/validators.ts';
import { problems } from '../generated/values.ts';
import {
  type Checked,
  checkParameters,
  invalid,
  listParameters,
  parseFilter,
  type Rejection,
  readBody,
} from './backend-checks.ts';

/** Options of `createOAuthAppsBackend`. */
export interface BackendOptions {
  /**
   * Account of each token. Every account has apps of its own.
   *
   * @default every token is of one account
   */
  tokens?: Readonly<Record<string, string>> | undefined;
  /**
   * Number of OAuth apps that an account may hold.
   *
   * @default 1_000
   */
  maxAppsPerAccount?: number | undefined;
  /**
   * Function that returns the present moment.
   *
   * @default () => new Date()
   */
  now?: (() => Date) | undefined;
}

/** Stateful mock of the API. */
export interface OAuthAppsBackend {
  /** Responds to a request, for the `fetch` option of a client or a server of your own. */
  fetch(request: Request): Promise<Response>;
  /** Removes every app and every stored response. */
  reset(): void;
}

interface Row {
  readonly account: string;
  readonly position: number;
  app: OAuthApp;
  version: number;
}

interface Incoming {
  readonly request: Request;
  readonly account: string;
  readonly query: URLSearchParams;
  readonly id: string;
}

/** A response before it is sent. */
interface BackendResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Handler = (incoming: Incoming) => Promise<BackendResponse | Rejection> | BackendResponse | Rejection;

const mask = '**********';
const firstPage = 'start';
const noStore = { 'Cache-Control': 'no-store' };
const isRejection = (value: BackendResponse | Rejection): value is Rejection => 'problem' in value;

/** Returns the entity tags of a header that match strongly, or weakly; undefined for `*`. */
const tagsOf = (header: string) =>
  header === '*' ? undefined : [...header.matchAll(/(?:W\/)?"[!#-~]*"/g)].map(([tag]) => tag);

/** Returns JSON text with names in order, so that equal values have equal text. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

/** Returns a UUID. `crypto.randomUUID` does not exist on pages that are served over plain http. */
function createId(): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
}

/** Creates the handlers of the operations, with the rows that they share. */
function createHandlers({ maxAppsPerAccount = 1_000, now = () => new Date() }: BackendOptions) {
  const rows = new Map<string, Row>();
  const stored = new Map<string, { body: string; row: Row; app: OAuthApp }>();
  const cursors = new Map<string, { account: string; position: number }>();
  let count = 0;
  const loadedAt = now().toISOString().slice(0, 19).replace('T', ' ');
  const timestamp = () => `${now().toISOString().slice(0, 19)}Z`;
  const show = (app: OAuthApp): OAuthApp => ({ ...app, client_secret: mask });
  const etagOf = ({ version }: Row) => `"v${version}"`;
  const reply = (row: Row, app = show(row.app)): BackendResponse => ({
    status: 200,
    body: app,
    headers: { ...noStore, ETag: etagOf(row) },
  });
  const find = ({ id, account }: Incoming) => {
    const row = rows.get(id);
    return row?.account === account ? row : undefined;
  };
  /** Returns the row that a write is for, or the rejection. */
  const findToWrite = (incoming: Incoming): Row | Rejection => {
    const row = find(incoming);
    if (!row) return { problem: 'NotFound' };
    const condition = incoming.request.headers.get('if-match');
    const isMet = condition === null || (tagsOf(condition)?.includes(etagOf(row)) ?? true);
    return isMet ? row : { problem: 'PreconditionFailed' };
  };

  const listOAuthApps: Handler = ({ query, account }) => {
    const metadata = query.get('metadata');
    const filter: Checked<object> = metadata === null ? { value: {} } : parseFilter(metadata);
    if ('rejection' in filter) return filter.rejection;
    const wanted = Object.entries(filter.value).map(([name, value]) => canonical([name, value]));
    const cursor = query.get('cursor');
    const from = cursor === null || cursor === firstPage ? { account, position: 0 } : cursors.get(cursor);
    if (from?.account !== account) return invalid({ cursor: ['must be the next_cursor of an earlier page'] });
    const [provider, health] = [query.get('provider'), query.get('health.status')];
    const found = [...rows.values()].filter(({ account: owner, position, app }) => {
      const properties = Object.entries(app.metadata).map(([name, value]) => canonical([name, value]));
      const isWanted = wanted.every((one) => properties.includes(one));
      const isKind =
        (provider === null || app.provider === provider) && (health === null || app.health?.status === health);
      return owner === account && position > from.position && isKind && isWanted;
    });
    const page = found.slice(0, Number(query.get('limit') ?? found.length));
    const next = page.length < found.length ? createId() : undefined;
    if (next !== undefined) cursors.set(next, { account, position: page.at(-1)?.position ?? 0 });
    const isRevealed = query.get('truncate_secrets') === 'false';
    const data = page.map(({ app }) => (isRevealed ? app : show(app)));
    return { status: 200, body: { data, ...(next !== undefined && { next_cursor: next }) }, headers: noStore };
  };

  const insert = (account: string, body: CreateOAuthApp): Row => {
    const { provider, name, client_id, client_secret, metadata = {} } = body;
    const [id, created_at] = [createId(), timestamp()];
    const health = { status: 'ok', notes: [], time: loadedAt };
    const app = { id, provider, name, client_id, client_secret, metadata, health, created_at, updated_at: created_at };
    count += 1;
    const row = { account, position: count, app, version: 1 };
    rows.set(id, row);
    return row;
  };

  const createOAuthApp: Handler = async ({ request, account }) => {
    const body = await readBody(request, validateCreateOAuthApp);
    if ('rejection' in body) return body.rejection;
    const key = request.headers.get('idempotency-key');
    const [name, text] = [`${account}\n${key}`, JSON.stringify(body.value)];
    const known = key === null ? undefined : stored.get(name);
    if (known && known.body !== text)
      return invalid({ 'Idempotency-Key': ['must not be used again for another body'] });
    if (known) return { ...reply(known.row, known.app), headers: { ...noStore, ETag: '"v1"' } };
    const owned = [...rows.values()].filter((row) => row.account === account);
    if (owned.length >= maxAppsPerAccount) return { problem: 'AccountFull' };
    const row = insert(account, body.value);
    if (key !== null) stored.set(name, { body: text, row, app: show(row.app) });
    return reply(row);
  };

  const getOAuthApp: Handler = (incoming) => {
    const row = find(incoming);
    if (!row) return { problem: 'NotFound' };
    const condition = incoming.request.headers.get('if-none-match');
    const tags = condition === null ? [] : tagsOf(condition);
    const isKnown = tags?.some((tag) => tag.replace('W/', '') === etagOf(row)) ?? true;
    return isKnown ? { status: 304, headers: { ...noStore, ETag: etagOf(row) } } : reply(row);
  };

  const updateOAuthApp: Handler = async (incoming) => {
    const body = await readBody<UpdateOAuthApp>(incoming.request, validateUpdateOAuthApp);
    if ('rejection' in body) return body.rejection;
    const row = findToWrite(incoming);
    if ('problem' in row) return row;
    if (Object.keys(body.value).length > 0) {
      row.app = { ...row.app, ...body.value, updated_at: timestamp() } as OAuthApp;
      row.version += 1;
    }
    return reply(row);
  };

  const deleteOAuthApp: Handler = (incoming) => {
    const row = findToWrite(incoming);
    if ('problem' in row) return row;
    rows.delete(row.app.id);
    return { status: 200, body: { id: row.app.id, deleted: true } };
  };

  const reset = () => {
    for (const map of [rows, stored, cursors]) map.clear();
  };
  return { reset, handlers: { listOAuthApps, createOAuthApp, getOAuthApp, updateOAuthApp, deleteOAuthApp } };
}

const collection = '/v1/oauth-apps';
const item = '/v1/oauth-apps/{id}';

const undecodable = 'The request target is malformed.';

function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== '';
  } catch {
    return false;
  }
}

/** Returns the path of the description that a URL is for, and the ID in it. */
function route(pathname: string): { path: string; id: string } | undefined {
  const [, id] = /\/v1\/oauth-apps(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (!/\/v1\/oauth-apps(?:\/[^/]+)?$/.test(pathname)) return undefined;
  return id === undefined ? { path: collection, id: '' } : { path: item, id: decodeURIComponent(id) };
}

/**
 * Creates a stateful mock of the API, in memory. It refuses what the contract refuses, in the server's words, and has the
 * server's filters, pages, ETags and `Idempotency-Key`. It counts no requests, and its secrets are not encrypted.
 *
 * @example
 * const backend = createOAuthAppsBackend();
 * const client = createOAuthAppsClient({ baseUrl: 'https://api.example.com', token: 't', fetch: backend.fetch });
 */
export function createOAuthAppsBackend(options: BackendOptions = {}): OAuthAppsBackend {
  const { handlers, reset } = createHandlers(options);
  const operations: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
    [collection]: { GET: handlers.listOAuthApps, HEAD: handlers.listOAuthApps, POST: handlers.createOAuthApp },
    [item]: {
      GET: handlers.getOAuthApp,
      HEAD: handlers.getOAuthApp,
      DELETE: handlers.deleteOAuthApp,
      PATCH: handlers.updateOAuthApp,
    },
  };

  const accountOf = (request: Request): string | Rejection => {
    const sent = request.headers.get('authorization');
    const [, token] = /^bearer +([\w.~+/-]+=*)$/i.exec(sent ?? '') ?? [];
    const account = token === undefined ? undefined : options.tokens ? options.tokens[token] : 'default';
    const reason = /^bearer(?:\s|$)/i.test(sent ?? '') ? ', error="invalid_token"' : '';
    return (
      account ?? { problem: 'Unauthorized', headers: { 'WWW-Authenticate': `Bearer realm="oauth-apps"${reason}` } }
    );
  };

  const respond = async (request: Request): Promise<BackendResponse | Rejection> => {
    if (!isDecodable(request.url)) return { problem: 'MalformedRequest', summary: undecodable };
    const account = accountOf(request);
    if (typeof account !== 'string') return account;
    const { pathname, searchParams: query } = new URL(request.url);
    const match = route(pathname);
    if (!match) return { problem: 'NotFound' };
    const methods = operations[match.path] ?? {};
    const Allow = [...Object.keys(methods), 'OPTIONS'].join(', ');
    if (request.method === 'OPTIONS') return { status: 204, headers: { Allow } };
    const handler = methods[request.method];
    if (!handler) return { problem: 'MethodNotAllowed', headers: { Allow } };
    const described = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
    const errors = checkParameters(listParameters(match.path, described), query, request.headers);
    if (Object.keys(errors).length > 0) return invalid(errors);
    return handler({ request, account, query, id: match.id });
  };

  const toResponse = (result: BackendResponse | Rejection, isHead: boolean): Response => {
    const requestId = createId();
    const headers = { 'X-Request-Id': requestId, ...result.headers };
    if (!isRejection(result)) {
      const text = result.body === undefined || isHead ? null : JSON.stringify(result.body);
      const type: Record<string, string> = result.body === undefined ? {} : { 'Content-Type': 'application/json' };
      return new Response(text, { status: result.status, headers: { ...type, ...headers } });
    }
    const { type, title, status, summary } = problems[result.problem];
    const { errors } = result;
    const body = {
      ...{ type, title, status, instance: `urn:uuid:${requestId}`, summary: result.summary ?? summary },
      ...(errors && { validation_errors: errors }),
    };
    const text = isHead ? null : JSON.stringify(body);
    return new Response(text, { status, headers: { 'Content-Type': 'application/problem+json', ...headers } });
  };

  return { reset, fetch: async (request) => toResponse(await respond(request), request.method === 'HEAD') };
}
