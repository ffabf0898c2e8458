/** Stateful mock of the API, in memory: it behaves as the server does, without a server. */
import type { CreateOAuthApp, OAuthApp, UpdateOAuthApp } from '../generated/types.ts';
import { validateCreateOAuthApp, validateUpdateOAuthApp } from '../generated/validators.ts';
import { type Checked, invalid, parseFilter, type Rejection, readBody } from './backend-checks.ts';
import { checkRequest, createId, type MockRequest, type MockResponse, toResponse } from './backend-requests.ts';

/**
 * Options of `createOAuthAppsBackend`.
 *
 * @example
 * const options: BackendOptions = { tokens: { 'token-of-acme': 'acme' }, maxAppsPerAccount: 10 };
 * const backend = createOAuthAppsBackend(options);
 */
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

/**
 * Stateful mock of the API.
 *
 * @example
 * const backend: OAuthAppsBackend = createOAuthAppsBackend();
 * const response = await backend.fetch(new Request('https://api.example.com/v1/oauth-apps'));
 * console.log(response.status); // 401
 * backend.reset();
 */
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

type Handler = (incoming: MockRequest) => Promise<MockResponse | Rejection> | MockResponse | Rejection;

const mask = '**********';
const firstPage = 'start';
const noStore = { 'Cache-Control': 'no-store' };

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
  const respond = (row: Row, app = show(row.app)): MockResponse => ({
    status: 200,
    body: app,
    headers: { ...noStore, ETag: etagOf(row) },
  });
  const find = ({ id, account }: MockRequest) => {
    const row = rows.get(id);
    return row?.account === account ? row : undefined;
  };
  /** Returns the row that a write is for, or the rejection. */
  const findToWrite = (incoming: MockRequest): Row | Rejection => {
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

  const createOAuthApp: Handler = async (incoming) => {
    const { request, account } = incoming;
    const body = await readBody(incoming, validateCreateOAuthApp);
    if ('rejection' in body) return body.rejection;
    const key = request.headers.get('idempotency-key');
    const [name, text] = [`${account}\n${key}`, JSON.stringify(body.value)];
    const known = key === null ? undefined : stored.get(name);
    if (known && known.body !== text)
      return invalid({ 'Idempotency-Key': ['must not be used again for another body'] });
    if (known) return { ...respond(known.row, known.app), headers: { ...noStore, ETag: '"v1"' } };
    const owned = [...rows.values()].filter((row) => row.account === account);
    if (owned.length >= maxAppsPerAccount) return { problem: 'AccountFull' };
    const row = insert(account, body.value);
    if (key !== null) stored.set(name, { body: text, row, app: show(row.app) });
    return respond(row);
  };

  const getOAuthApp: Handler = (incoming) => {
    const row = find(incoming);
    if (!row) return { problem: 'NotFound' };
    const condition = incoming.request.headers.get('if-none-match');
    const tags = condition === null ? [] : tagsOf(condition);
    const isKnown = tags?.some((tag) => tag.replace('W/', '') === etagOf(row)) ?? true;
    return isKnown ? { status: 304, headers: { ...noStore, ETag: etagOf(row) } } : respond(row);
  };

  const updateOAuthApp: Handler = async (incoming) => {
    const body = await readBody<UpdateOAuthApp>(incoming, validateUpdateOAuthApp);
    if ('rejection' in body) return body.rejection;
    const row = findToWrite(incoming);
    if ('problem' in row) return row;
    if (Object.keys(body.value).length > 0) {
      row.app = { ...row.app, ...body.value, updated_at: timestamp() } as OAuthApp;
      row.version += 1;
    }
    return respond(row);
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
  const { listOAuthApps, createOAuthApp, getOAuthApp, updateOAuthApp, deleteOAuthApp } = handlers;
  const operations: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
    '/v1/oauth-apps': { get: listOAuthApps, post: createOAuthApp },
    '/v1/oauth-apps/{id}': { get: getOAuthApp, patch: updateOAuthApp, delete: deleteOAuthApp },
  };

  const respond = async (request: Request): Promise<MockResponse | Rejection> => {
    const checked = checkRequest(request, options.tokens);
    if ('options' in checked) return checked.options;
    if ('rejection' in checked) return checked.rejection;
    const { path, method } = checked.value;
    return operations[path]?.[method]?.(checked.value) ?? { problem: 'NotFound' };
  };

  return { reset, fetch: async (request) => toResponse(await respond(request), request) };
}
