/** Requests and responses of the mocks: what is refused before an operation, in the server's order and words. */
import description from '../generated/openapi.json' with { type: 'json' };
import type { ValidationErrors } from '../generated/validation.ts';
import { problems } from '../generated/values.ts';
import { type Checked, checkParameters, hasBody, invalid, listParameters, type Rejection } from './backend-checks.ts';

/** Request that a mock has accepted, but for its body and the parameters beside one. */
export interface MockRequest {
  readonly request: Request;
  /** Path of the description. */
  readonly path: string;
  /** Method of the description: that of HEAD is `get`. */
  readonly method: string;
  readonly account: string;
  readonly query: URLSearchParams;
  /** Violations of the parameters of an operation with a body. `readBody` refuses them. */
  readonly errors: ValidationErrors;
  /** ID in the path; empty where it has none. */
  readonly id: string;
}

/** Response before it is sent. */
export interface MockResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const undecodable = 'The request target is malformed.';

/** The paths of the description, with their methods in its order. */
const routes = Object.entries(description.paths).map(([path, item]) => ({
  path,
  pattern: new RegExp(`${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
  methods: Object.keys(item)
    .filter((name) => /^(?:get|put|post|delete|patch)$/.test(name))
    .flatMap((name) => (name === 'get' ? ['GET', 'HEAD'] : [name.toUpperCase()])),
}));

function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== '';
  } catch {
    return false;
  }
}

/** Returns the account of the request's token, or the rejection. Without `tokens` every token is of one account. */
function accountOf(request: Request, tokens: Readonly<Record<string, string>> | undefined): string | Rejection {
  const sent = request.headers.get('authorization');
  const [, token] = /^bearer +([\w.~+/-]+=*)$/i.exec(sent ?? '') ?? [];
  const account = token === undefined ? undefined : tokens ? tokens[token] : 'default';
  const reason = /^bearer(?:\s|$)/i.test(sent ?? '') ? ', error="invalid_token"' : '';
  return account ?? { problem: 'Unauthorized', headers: { 'WWW-Authenticate': `Bearer realm="oauth-apps"${reason}` } };
}

/** Checks a request before its body: target, token, path, method, parameters. `OPTIONS` has a response of its own. */
export function checkRequest(
  request: Request,
  tokens?: Readonly<Record<string, string>>,
): Checked<MockRequest> | { readonly options: MockResponse } {
  const refuse = (rejection: Rejection) => ({ rejection });
  if (!isDecodable(request.url)) return refuse({ problem: 'MalformedRequest', summary: undecodable });
  const account = accountOf(request, tokens);
  if (typeof account !== 'string') return refuse(account);
  const { pathname, searchParams: query } = new URL(request.url);
  const route = routes.find(({ pattern }) => pattern.test(pathname));
  if (!route) return refuse({ problem: 'NotFound' });
  const { path, pattern, methods } = route;
  const Allow = [...methods, 'OPTIONS'].join(', ');
  if (request.method === 'OPTIONS') return { options: { status: 204, headers: { Allow } } };
  if (!methods.includes(request.method)) return refuse({ problem: 'MethodNotAllowed', headers: { Allow } });
  const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
  const errors = checkParameters(listParameters(path, method), query, request.headers);
  // Those of a request with a body are refused together with the violations of the body.
  if (Object.keys(errors).length > 0 && !hasBody(path, method)) return refuse(invalid(errors));
  const id = decodeURIComponent(pattern.exec(pathname)?.[1] ?? '');
  return { value: { request, path, method, account, query, errors, id } };
}

/** Returns a UUID. `crypto.randomUUID` does not exist on pages that are served over plain http. */
export function createId(): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
}

const isRejection = (value: MockResponse | Rejection): value is Rejection => 'problem' in value;

/** Makes a response as the server does: JSON, or problem details. */
export function toResponse(result: MockResponse | Rejection, { method }: Request): Response {
  const requestId = createId();
  const headers = { 'X-Request-Id': requestId, ...result.headers };
  const isHead = method === 'HEAD';
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
}
