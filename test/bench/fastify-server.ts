import { randomUUID } from 'node:crypto';
import responseValidation from '@fastify/response-validation';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type OperationId, operations } from '../../generated/operations.ts';
import { parseStrictJson } from '../../generated/strict-json.ts';
import { limits } from '../../generated/values.ts';
import type { AppDeps } from '../../server/app.ts';
import { description } from '../../server/description.ts';
import { createHandlers } from '../../server/handlers.ts';
import type { ResponseParts } from '../../server/http/send.ts';
import { hashToken, isMistyped, type Scope } from '../../server/keys/tokens.ts';
import type { Caller, OperationRequest, OperationResponse } from '../../server/operation-types.ts';
import { isRejection, reject, rejectScope, rejectToken, toProblem } from '../../server/problem.ts';
import { rejectFailure } from '../../server/validation/rejection.ts';

/**
 * The API on Fastify, for comparison: with the same store, handlers, tokens, strict JSON, log, problems and schemas.
 * Fastify validates requests and responses. The code follows the documentation of Fastify.
 */

type Node = Record<string, unknown>;
type AnyHandler = (request: OperationRequest) => Promise<OperationResponse>;

interface ValidationError {
  validation?: { instancePath: string; keyword: string; message?: string; params: Node }[];
  validationContext?: string;
}

/** Returns a copy of a node with all references resolved. */
function inline(bundle: Node, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => inline(bundle, item));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, ...rest } = node as { $ref?: string };
  const target = $ref
    ?.slice(2)
    .split('/')
    .reduce<unknown>((at, name) => (at as Node)[name], bundle);
  const entries = Object.entries({ ...(target as Node | undefined), ...rest });
  return Object.fromEntries(entries.map(([name, item]) => [name, inline(bundle, item)]));
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

/** Returns the schemas of an operation for Fastify. */
function makeSchema(bundle: Node, operationId: OperationId) {
  const { method, path } = operations[operationId];
  const item = inline(bundle, (bundle.paths as Node)[path]) as Record<string, Operation> &
    Pick<Operation, 'parameters'>;
  const operation = item[method] as Operation;
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
  const makeObject = (location: string, isOpen: boolean) => {
    const own = parameters.filter((parameter) => parameter.in === location);
    const toName = (name: string) => (location === 'header' ? name.toLowerCase() : name);
    return {
      ...{ type: 'object', additionalProperties: isOpen },
      properties: Object.fromEntries(own.map(({ name, schema }) => [toName(name), schema])),
      required: own.filter(({ required }) => required).map(({ name }) => toName(name)),
    };
  };
  const body = operation.requestBody?.content['application/json']?.schema;
  const responses = Object.entries(operation.responses).flatMap(([status, { content = {} }]) => {
    const [media] = Object.values(content);
    return media === undefined ? [] : [[status, media.schema] as const];
  });
  return {
    params: makeObject('path', false),
    querystring: makeObject('query', false),
    headers: makeObject('header', true),
    ...(body && { body }),
    response: Object.fromEntries(responses),
  };
}

/** Turns an error of Fastify into a failure that the server turns into a problem. */
function toFailure(error: ValidationError & { statusCode?: number }) {
  const { validation, validationContext = '', statusCode } = error;
  const part = validationContext === 'querystring' ? 'query' : validationContext;
  const errors = validation?.map(({ instancePath, message, params }) => {
    const name = params.missingProperty ?? params.additionalProperty;
    return { path: `/${part}${instancePath}${name === undefined ? '' : `/${name}`}`, message };
  });
  return errors ? { status: 400, errors } : { status: statusCode ?? 500 };
}

/** Joins the slices of a list. */
async function joinSlices(slices: AsyncIterable<{ data: unknown[] }>): Promise<object> {
  let list: { data: unknown[] } = { data: [] };
  for await (const slice of slices) list = { ...slice, data: [...list.data, ...slice.data] };
  return list;
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const rejection = isRejection(error) ? error : rejectFailure(toFailure(error as ValidationError));
  const body = toProblem(rejection, request.id);
  reply.code(body.status).headers({ 'cache-control': 'no-store', ...rejection.details.headers });
  reply.type('application/problem+json').send(body);
}

const credentials = /^bearer +([\w.~+/-]+=*)$/i;

async function findCaller({ store }: AppDeps, request: FastifyRequest): Promise<Caller> {
  const [, token] = credentials.exec(request.headers.authorization ?? '') ?? [];
  const record = token === undefined || isMistyped(token) ? undefined : await store.findToken(hashToken(token));
  if (record === undefined || record.revokedAt !== undefined) throw rejectToken(token !== undefined);
  return { accountId: record.accountId, tokenId: record.id, scopes: record.scopes as readonly Scope[] };
}

function route(app: FastifyInstance, deps: AppDeps, bundle: Node, operationId: OperationId, handler: AnyHandler): void {
  const { method, path, security, headers: headerNames } = operations[operationId];
  const scopes = security.flatMap((requirement) => Object.values(requirement).flat());
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.route({
    method: method.toUpperCase(),
    url: path.replace(/\{(\w+)\}/g, ':$1'),
    schema: makeSchema(bundle, operationId),
    onRequest: async (request) => {
      const caller = await findCaller(deps, request);
      const missing = scopes.find((scope) => !caller.scopes.includes(scope));
      if (missing) throw rejectScope(missing);
      callers.set(request, caller);
    },
    onResponse: async ({ id: requestId, method }, { statusCode: status, elapsedTime }) => {
      const milliseconds = Math.round(elapsedTime * 10) / 10;
      deps.log.request({ requestId, method, operationId, status, milliseconds });
    },
    handler: async (request, reply) => {
      const { params: path, query, body, id: requestId } = request;
      const headers = Object.fromEntries(headerNames.map((name) => [name, request.headers[name.toLowerCase()]]));
      const operationRequest = { caller: callers.get(request), requestId, path, query, headers, body };
      const response = await handler(operationRequest as unknown as OperationRequest);
      if (isRejection(response)) throw response;
      reply.code(response.status).headers(response.headers ?? {});
      if ('slices' in response) return joinSlices(response.slices);
      const { text, mediaType, body: json } = response as ResponseParts;
      return text === undefined || mediaType === undefined ? json : reply.type(mediaType).send(text);
    },
  });
}

/** Builds the server without listening. */
export async function buildFastify(deps: AppDeps): Promise<FastifyInstance> {
  const { store, keyRing, now = () => new Date(), maxAppsPerAccount = 1_000 } = deps;
  const bundle = structuredClone(description) as object as Node;
  const options = { allErrors: true, removeAdditional: false, coerceTypes: true, useDefaults: true, strict: false };
  const app = fastify({ genReqId: () => randomUUID(), ajv: { customOptions: options }, bodyLimit: limits.bodyBytes });
  await app.register(responseValidation, { ajv: { ...options, allErrors: false, coerceTypes: false } });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, text: string) => {
    const parsed = parseStrictJson(text, limits.metadata.depth + 1);
    if ('value' in parsed) return parsed.value;
    throw 'violations' in parsed
      ? reject('ValidationFailed', { validationErrors: parsed.violations })
      : reject('MalformedRequest');
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.setErrorHandler(sendProblem);
  const handlers = createHandlers({ store, keyRing, now, maxAppsPerAccount });
  for (const operationId of Object.keys(operations) as OperationId[]) {
    route(app, deps, bundle, operationId, handlers[operationId] as AnyHandler);
  }
  return app;
}
