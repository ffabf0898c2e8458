import createClient, { type Client } from 'openapi-fetch';
import {
  bindOperations,
  type CallOptions,
  keyedOperations,
  type Operations,
  type Settle,
} from '../generated/client.ts';
import type { OAuthApp, operations, paths, UpdateOAuthApp } from '../generated/types.ts';
import { ProblemError } from './problem-error.ts';
import { type CallEvent, defaultPatience, type Patience, sendWithRetries } from './retry.ts';

export type { CallOptions, Operations } from '../generated/client.ts';
export { healthStatuses, providers } from '../generated/lists.ts';
export type * from '../generated/types.ts';
export { ProblemError } from './problem-error.ts';
export type { CallEvent, Patience } from './retry.ts';

/** How to reach the API. */
export interface ClientOptions {
  /** Where the API is, without `/v1`: `https://api.sequin.io`. `http:` is for loopback addresses only. */
  baseUrl: string;
  /** The API token. It is sent as a bearer token and kept nowhere else. */
  token: string;
  /** What sends requests. Default: the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
  /** Time-outs and retries, where they are to differ from the default. */
  patience?: Partial<Patience>;
  /** Told of every try, for a log. It never sees a token, a secret or any other value. What it throws is ignored. */
  onEvent?: (event: CallEvent) => void;
}

type ListQuery = Omit<NonNullable<Parameters<Operations['listOAuthApps']>[0]>, 'cursor'>;
type Headers = { headers?: operations['updateOAuthApp']['parameters']['header'] };

/** A method per operation, two that put operations together, and the plain openapi-fetch client behind them. */
export interface OAuthAppsClient extends Operations {
  /** Every app that matches, page by page: `for await (const app of client.listAllOAuthApps())`. */
  listAllOAuthApps(query?: ListQuery, options?: CallOptions): AsyncGenerator<OAuthApp, void>;
  /**
   * Reads an app, lets `change` say what to update, and writes that only if nobody else wrote meanwhile; else it begins
   * again, ten times at most. Nothing is written when `change` gives undefined.
   */
  changeOAuthApp(
    id: string,
    change: (app: OAuthApp) => UpdateOAuthApp | undefined | Promise<UpdateOAuthApp | undefined>,
    options?: CallOptions,
  ): Promise<OAuthApp>;
  /** For what the methods do not cover: gives `{ data, error, response }` and throws nothing of its own. */
  readonly raw: Client<paths>;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const defaultPageSize = 100;
const changeAttempts = 10;

/** A key that nobody else makes. Not `randomUUID`, which pages on plain http do not have. */
const makeKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join('-');

/** Refuses to send a token in the clear across a network. */
function checkBaseUrl(baseUrl: string): void {
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname))) return;
  throw new TypeError('baseUrl must be https:, or http: on a loopback address: a token would be sent in the clear');
}

const settle: Settle = async <T>(answer: Parameters<Settle>[0]) => {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ProblemError(response, error);
  if (response.status === 204) return undefined as T;
  try {
    return JSON.parse(data ?? '') as T;
  } catch {
    throw new ProblemError(response, undefined);
  }
};

/**
 * A client for one API token. Its methods give the data of the answer or throw `ProblemError`. Reads, and creates under a
 * key that is made once per call, are tried again when no answer comes. Throws `TypeError` for an unsafe `baseUrl`.
 */
export function createOAuthAppsClient(options: ClientOptions): OAuthAppsClient {
  const { baseUrl, token, fetch: send = (request) => fetch(request), onEvent } = options;
  checkBaseUrl(baseUrl);
  const patience = { ...defaultPatience, ...options.patience };
  const raw = createClient<paths>({
    baseUrl,
    headers: { Authorization: `Bearer ${token}` },
    // A redirect would carry token and body to wherever it points.
    redirect: 'error',
  });
  raw.use({
    onRequest({ request, schemaPath }) {
      const { method, headers } = request;
      if (keyedOperations.includes(`${method} ${schemaPath}`) && !headers.has('Idempotency-Key')) {
        headers.set('Idempotency-Key', makeKey());
      }
      return sendWithRetries(request, schemaPath, { patience, send, onEvent });
    },
  });
  const methods = bindOperations(raw, settle);

  return {
    ...methods,
    raw,
    async *listAllOAuthApps(query = {}, callOptions) {
      const { limit = defaultPageSize, ...filters } = query;
      for (let cursor: string | undefined; ; ) {
        const page = await methods.listOAuthApps({ ...filters, limit, cursor }, callOptions);
        yield* page.data;
        cursor = page.next_cursor;
        if (cursor === undefined) return;
      }
    },
    async changeOAuthApp(id, change, callOptions) {
      for (let attempt = 1; ; attempt += 1) {
        const path = { id };
        const answer = raw.GET('/v1/oauth-apps/{id}', { ...callOptions, parseAs: 'text', params: { path } });
        const app = await settle<OAuthApp>(answer);
        const body = await change(app);
        if (body === undefined) return app;
        const { response } = await answer;
        const headers = { 'If-Match': response.headers.get('etag') ?? '*' } satisfies Headers['headers'];
        try {
          return await methods.updateOAuthApp(id, body, { ...callOptions, headers });
        } catch (error) {
          const isChanged = error instanceof ProblemError && error.status === 412;
          if (!isChanged || attempt >= changeAttempts) throw error;
        }
      }
    },
  };
}
