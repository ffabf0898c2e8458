import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parseStrictJson } from '../../openapi/runtime/strict-json.ts';
import type { Bundle } from '../conformance/contract.ts';

/** Server of the credentials of `createSiblingBundle`, in memory. Other requests are forwarded. */

type Json = Record<string, unknown>;
interface Credential {
  readonly account: string;
  value: Json;
}

/** Faults of the server, each off by default. */
export interface SiblingFaults {
  readonly showsSecrets?: boolean;
  readonly ignoresFilter?: boolean;
  readonly mergesAccounts?: boolean;
  readonly acceptsAnyArray?: boolean;
  readonly dropsLimits?: boolean;
}

const maxBytes = 65_536;
const summaries: Readonly<Record<number, string>> = {
  400: 'malformed-request',
  401: 'unauthorized',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'content-too-large',
  415: 'unsupported-media-type',
  422: 'validation-failed',
};

const respond = (status: number, body: Json | null, headers: Record<string, string> = {}) => {
  const id = crypto.randomUUID();
  const name = summaries[status] ?? '';
  const problem = {
    type: `urn:oauth-apps:problem:${name}`,
    title: name,
    status,
    instance: `urn:uuid:${id}`,
    summary: name,
  };
  const shown = status >= 400 ? { ...problem, ...body } : body;
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  const common = { 'X-Request-Id': id, 'Cache-Control': 'no-store', ...(shown !== null && { 'Content-Type': type }) };
  return new Response(shown === null ? null : JSON.stringify(shown), { status, headers: { ...common, ...headers } });
};
const invalid = (...names: string[]) =>
  respond(422, { validation_errors: Object.fromEntries(names.map((name) => [name, ['is invalid']])) });

/** Reads a JSON object of a request; a response where there is none. */
async function readBody(request: Request): Promise<Json | Response> {
  const bytes = Buffer.from(await request.arrayBuffer());
  if (!/^application\/json(;|$)/i.test(request.headers.get('content-type') ?? '')) return respond(415, {});
  if (request.headers.has('content-encoding')) return respond(415, {});
  if (bytes.length > maxBytes) return respond(413, {});
  const parsed = parseStrictJson(bytes.toString(), 64);
  if ('isMalformed' in parsed) return respond(400, {});
  if ('violations' in parsed) return invalid(...parsed.violations.keys());
  const { value } = parsed;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : invalid('body');
}

/** Function that sends a request. */
export type Fetch = (request: Request) => Promise<Response>;

/** Returns a function that finds the validator of a schema. It compiles each schema once. */
export function compileSchemas(bundle: Bundle) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema({ ...bundle, $id: 'bundle' } as object);
  return (name: string) => ajv.getSchema(`bundle#/components/schemas/${name}`) as ValidateFunction;
}

/** Creates a `fetch` that serves credentials to the tokens, and forwards the requests for other paths. */
export function createSiblingFetch(
  findValidator: ReturnType<typeof compileSchemas>,
  tokens: readonly string[],
  forward: Fetch,
  faults: SiblingFaults = {},
) {
  const credentials = new Map<string, Credential>();
  const check = (name: string, value: unknown): string[] => {
    const validate = findValidator(name);
    if (validate(value)) return [];
    return (validate.errors ?? []).flatMap(({ instancePath, keyword, params }) => {
      const [, field = ''] = instancePath.split('/');
      if (faults.acceptsAnyArray && field === 'scopes' && instancePath === '/scopes' && keyword !== 'type') return [];
      return [field || (params.missingProperty ?? params.additionalProperty ?? 'body')];
    });
  };
  const show = (id: string, { value }: Credential): Json => {
    const masked = { access_token: '**********', refresh_token: '**********' };
    return { id, ...value, ...(faults.showsSecrets ? {} : masked) };
  };

  const list = (account: string, query: URLSearchParams) => {
    const unknown = [...query.keys()].filter((name) => name !== 'oauth_app_id');
    if (unknown.length > 0) return invalid(...unknown);
    const wanted = faults.ignoresFilter ? null : query.get('oauth_app_id');
    const own = [...credentials].filter(
      ([, each]) => each.account === account && (wanted === null || each.value.oauth_app_id === wanted),
    );
    return respond(200, { data: own.map(([id, each]) => show(id, each)) });
  };
  const write = async (request: Request, account: string, id: string, old?: Credential) => {
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const wrong = check(old ? 'UpdateCredential' : 'CreateCredential', body);
    if (wrong.length > 0) return invalid(...wrong);
    const value = { ...old?.value, ...body };
    if (faults.dropsLimits && old) value.limits = old.value.limits;
    credentials.set(id, { account, value });
    return respond(200, show(id, { account, value }));
  };

  /** Changes a secret by an update of the app. */
  const changeSecret = async (request: Request, url: URL) => {
    const item = new URL(url.pathname.replace(/\/secret$/, ''), url);
    const headers = { Authorization: request.headers.get('authorization') ?? '', 'Content-Type': 'application/json' };
    const { status } = await forward(new Request(item, { headers }));
    if (status === 404) return respond(404, {});
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const wrong = check('SecretChange', body);
    if (wrong.length > 0) return invalid(...wrong);
    return forward(new Request(item, { method: 'PATCH', headers, body: JSON.stringify(body) }));
  };

  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const [, path, id, isSecret] =
      /^\/v1\/(status|credentials|oauth-apps)(?:\/([^/]+)(\/secret)?)?$/.exec(url.pathname) ?? [];
    if (path === undefined || (path === 'oauth-apps' && isSecret === undefined)) return forward(request);
    const methods = isSecret
      ? ['POST']
      : path === 'status'
        ? ['GET']
        : id === undefined
          ? ['GET', 'POST']
          : ['GET', 'PATCH', 'DELETE'];
    const allow = { Allow: [...methods, 'HEAD', 'OPTIONS'].join(', ') };
    const [, token = ''] = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    if (path !== 'status' && !tokens.includes(token)) return respond(401, {}, { 'WWW-Authenticate': 'Bearer' });
    if (request.method === 'OPTIONS') return respond(204, null, allow);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (!methods.includes(method)) return respond(405, {}, allow);
    if (/%[^\dA-F]|%.?$|%E0%A4$|%00/i.test(`${url.pathname}${url.search}`)) return respond(400, {});
    const names = [...url.searchParams.keys()];
    if (new Set(names).size < names.length) return invalid('query');
    if (/charset=(?!"?utf-8)/i.test(request.headers.get('content-type') ?? '')) return respond(415, {});
    const handle = async () => {
      if (path === 'status') return url.search === '' ? respond(200, { ok: true }) : invalid('query');
      if (id === undefined) {
        if (method === 'GET') return list(token, url.searchParams);
        return url.search === '' ? write(request, token, crypto.randomUUID()) : invalid('query');
      }
      if (url.search !== '') return invalid('query');
      if (isSecret) return changeSecret(request, url);
      const old = credentials.get(decodeURIComponent(id));
      if (old === undefined || (old.account !== token && !faults.mergesAccounts)) return respond(404, {});
      if (method === 'GET') return respond(200, show(id, old));
      if (method === 'PATCH') return write(request, old.account, id, old);
      credentials.delete(id);
      return respond(200, { id });
    };
    const response = await handle();
    return request.method === 'HEAD' ? new Response(null, response) : response;
  };
}
