import createClient, { type Client } from 'openapi-fetch';
import { bindOperations, type Operations, type Settle } from '../generated/client.ts';
import type { paths } from '../generated/types.ts';
import { ProblemError } from './problem-error.ts';

export type { CallOptions, Operations } from '../generated/client.ts';
export type * from '../generated/types.ts';
export { healthStatuses, providers } from '../generated/values.ts';
export { ProblemError } from './problem-error.ts';

/** How to reach the API. */
export interface ClientOptions {
  /** Where the API is, without `/v1`: `https://api.sequin.io`. */
  baseUrl: string;
  /** The API token. It is sent as a bearer token and kept nowhere else. */
  token: string;
  /** What sends requests. Default: the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

/** A method per operation, and the plain openapi-fetch client behind them. */
export interface OAuthAppsClient extends Operations {
  /** For what the methods do not cover: gives `{ data, error, response }` and throws nothing of its own. */
  readonly raw: Client<paths>;
}

const settle: Settle = async (answer) => {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ProblemError(response, error);
  // Undefined only where the description has an answer without a body.
  return data as NonNullable<typeof data>;
};

/** A client for one API token. Its methods give the data of the answer or throw `ProblemError`. */
export function createOAuthAppsClient({ baseUrl, token, fetch }: ClientOptions): OAuthAppsClient {
  const raw = createClient<paths>({ baseUrl, fetch, headers: { Authorization: `Bearer ${token}` }, redirect: 'error' });
  return { ...bindOperations(raw, settle), raw };
}
