import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { parse } from 'node:querystring';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import { type OperationId, operations } from '../../generated/operations.ts';
import { description } from '../../server/description.ts';
import type { Operation } from '../../server/http/operation.ts';
import { makeRoutes, matchRoute, readPathParams } from '../../server/http/routes.ts';
import { splitTarget } from '../../server/http/target.ts';
import { type CompiledOperation, compileOperations } from '../../server/validation/library.ts';
import { validateRequest } from '../../server/validation/request.ts';
import type { ResponseValidation } from '../../server/validation/validators.ts';

/** A request with its parsed body, and the response that the handler returns. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly response: { readonly status: number; readonly contentType?: string; readonly body: unknown };
}

/** The result of the validation of an exchange. */
export interface Outcome {
  /** The input of the handler. Undefined when the request was rejected. */
  input?: object;
  /** The error of the request or of the response. */
  error?: object;
  /** The error of an invalid response that was sent (`report`). */
  reported?: object;
  /** The status of the sent response. */
  status?: number;
}

export type RunExchange = (exchange: Exchange) => Promise<Outcome>;

const describeError = (error: unknown): object => {
  const { name, status, message, path, headers, errors } = error as Error & Record<string, unknown>;
  return { name, status, message, path, headers, errors };
};

const operationIds = Object.keys(operations) as OperationId[];
/** The routes of the server, without handlers. */
const routes = makeRoutes(
  operationIds.map((operationId) => {
    const { method, path } = operations[operationId];
    return { operationId, method: method.toUpperCase(), path } as Operation;
  }),
);

/** Finds the operation of a request. As in the server, the validator gets the content type of the operation. */
function resolve({ method, target, headers }: Exchange) {
  const { path, query } = splitTarget(target);
  const match = matchRoute(routes, path);
  const operation = match?.route.operations.get(method);
  if (match === undefined || operation === undefined) return undefined;
  const { operationId } = operation;
  const [contentType] = operations[operationId].requestMediaTypes;
  const { 'content-type': _, ...rest } = headers;
  const described: Record<string, string> = contentType === undefined ? rest : { ...rest, 'content-type': contentType };
  return { operationId, target: { path, query }, params: readPathParams(match), headers: described };
}

/** Picks the headers that the description has for an operation. */
function pickHeaders(operationId: OperationId, headers: Readonly<Record<string, unknown>>): object {
  const names = operations[operationId].headers.map((name) => name.toLowerCase());
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}

/** Creates a function that validates exchanges like the server. */
export function createServerRunner(mode: ResponseValidation): RunExchange {
  const compiled: Readonly<Record<OperationId, CompiledOperation>> = compileOperations(description);
  return async (exchange) => {
    const request = resolve(exchange);
    if (request === undefined) return {};
    const { operationId, target, params: path, headers } = request;
    const operation = compiled[operationId];
    const body = structuredClone(exchange.body);
    const verdict = validateRequest(operation, { target, path, query: parse(target.query), headers, body }, headers);
    if ('failure' in verdict) return { error: describeError(verdict.failure) };
    const { params, query, headers: valid, body: inputBody } = verdict.data;
    const input = {
      path: { ...params },
      query: { ...query },
      headers: pickHeaders(operationId, valid),
      body: inputBody,
    };
    const { status, contentType: mediaType, body: responseBody } = exchange.response;
    try {
      if (status < 500 && !operation.responses[status]?.(responseBody)) {
        operation.validateResponse({ status, mediaType, body: responseBody }, exchange.target);
      }
    } catch (error) {
      if (mode === 'strict' || (error as Error).name !== 'Internal Server Error')
        return { input, error: describeError(error) };
      return { input, reported: describeError(error), status: responseBody === null ? 204 : status };
    }
    return { input, status };
  };
}

type Document = Parameters<typeof OpenApiValidator.middleware>[0]['apiSpec'];

/** Returns the description for the library. As in the server, JSON in a query may have reserved characters. */
function describeForLibrary(): Document {
  const copy = structuredClone(description);
  for (const parameter of Object.values(copy.components.parameters ?? {})) {
    if (Reflect.has(parameter as object, 'x-content-media-type'))
      Object.assign(parameter as object, { allowReserved: true });
  }
  return copy as object as Document;
}

/** Creates the middleware of express-openapi-validator with the options of the server. */
function createLibraryValidator(mode: ResponseValidation, onError: (error: Error) => void) {
  return OpenApiValidator.middleware({
    apiSpec: describeForLibrary(),
    validateRequests: { allErrors: true },
    validateResponses: mode === 'strict' ? true : { onError },
    validateSecurity: false,
    validateApiSpec: true,
    fileUploader: false,
  }) as RequestHandler[];
}

/** Creates a function that validates exchanges in an Express app with express-openapi-validator, without a network. */
export function createLibraryRunner(mode: ResponseValidation): RunExchange {
  let outcome: Outcome = {};
  let operationId: OperationId = 'listOAuthApps';
  let response: Exchange['response'] = { status: 500, body: {} };
  const app = express().disable('x-powered-by').disable('etag');
  app.enable('strict routing').enable('case sensitive routing');
  const respond: RequestHandler = ({ params, query, headers, body }, res) => {
    const input = { path: { ...params }, query: { ...query }, headers: pickHeaders(operationId, headers), body };
    outcome.input = structuredClone(input);
    res.status(response.status);
    if (response.contentType !== undefined) res.set('Content-Type', response.contentType);
    res.json(response.body);
  };
  const fail: ErrorRequestHandler = (error, _req, res, _next) => {
    outcome.error = describeError(error);
    res.status(Number(error?.status) || 500).end();
  };
  app.use(
    createLibraryValidator(mode, (error) => {
      outcome.reported = describeError(error);
    }),
  );
  for (const path of ['/v1/oauth-apps', '/v1/oauth-apps/:id']) app.all(path, respond);
  app.use(fail);

  return async (exchange) => {
    const request = resolve(exchange);
    if (request === undefined) return {};
    outcome = {};
    operationId = request.operationId;
    response = structuredClone(exchange.response);
    const method = operations[operationId].method.toUpperCase();
    const req = Object.assign(new IncomingMessage(new Socket()), {
      method,
      url: exchange.target,
      headers: request.headers,
    });
    const res = new ServerResponse(req);
    Object.assign(req, { body: structuredClone(exchange.body) });
    return new Promise((done) => {
      const end = (): ServerResponse => {
        if (outcome.error === undefined) outcome.status = res.statusCode;
        done(outcome);
        return res;
      };
      app(req as never, Object.assign(res, { end }) as never);
    });
  };
}
