import type { Request, Response } from 'express';
import { OpenApiSpecLoader } from 'express-openapi-validator/dist/framework/openapi.spec.loader.js';
import { RequestValidator } from 'express-openapi-validator/dist/middlewares/openapi.request.validator.js';
import { ResponseValidator } from 'express-openapi-validator/dist/middlewares/openapi.response.validator.js';
import { SchemaPreprocessor } from 'express-openapi-validator/dist/middlewares/parsers/schema.preprocessor.js';
import { dereferenceParameter, normalizeParameter } from 'express-openapi-validator/dist/middlewares/parsers/util.js';
import { OpenApiValidator } from 'express-openapi-validator/dist/openapi.validator.js';
import { type OperationId, operations } from '../../generated/operations.ts';
import { toExpressPath } from './choose-operation.ts';

/**
 * The parts of express-openapi-validator, put together as its own middleware does it, but once for each operation
 * instead of once for each request. They are no public interface of it, which is why its version is pinned.
 */

/** A compiled schema. */
export type Check = (data: object) => boolean;

/** By media type. */
type Checks = Readonly<Record<string, Check>>;
type PathParams = Record<string, string>;

/** What checks one operation. */
export interface OperationValidator {
  /** The content type of a request that `general` and `body` are compiled for. */
  readonly contentType: string | undefined;
  /** The names of the query when every parameter is plain text, a number or a boolean; otherwise undefined. */
  readonly plainQuery: ReadonlySet<string> | undefined;
  /** Checks and coerces query, headers and path. */
  readonly general: Check;
  readonly body: Check;
  /** For each status with one media type, the check of its body. */
  readonly answers: Readonly<Record<number, Check | undefined>>;
  /** Checks a request in every particular; throws what is wrong with it. */
  validateRequest(req: Request, res: Response, pathParams: PathParams): void;
  /** Checks an answer in every particular; throws what is wrong with it. */
  validateAnswer(body: unknown, req: Request, res: Response): void;
}

type Options = ConstructorParameters<typeof OpenApiValidator>[0];
type Doc = Awaited<ReturnType<OpenApiSpecLoader['load']>>['apiDoc'];
type ValidatedRequest = Parameters<RequestValidator['validate']>[0];
type Responses = Parameters<ResponseValidator['_getOrBuildValidator']>[1];
type Ajv = Parameters<typeof normalizeParameter>[0];
type Schema = Partial<Record<'type' | 'allOf' | 'anyOf' | 'oneOf', unknown>>;
type RequestBody = { content: Record<string, { schema?: object }> };
type Parameter = Parameters<typeof normalizeParameter>[1];

const scalars: readonly unknown[] = ['string', 'integer', 'number', 'boolean'];

/** The parts for one description. Rejects when it is broken. */
async function loadParts(description: object) {
  const apiDoc = structuredClone(description) as Doc;
  const { apiDoc: doc } = await new OpenApiSpecLoader({ apiDoc, validateApiSpec: true }).load();
  const { options, ajvOpts } = new OpenApiValidator({
    apiSpec: doc as Options['apiSpec'],
    validateRequests: { allErrors: true },
    validateResponses: true,
    validateSecurity: false,
    fileUploader: false,
  });
  const answersTo = options.validateResponses as object;
  const { apiDocRes } = new SchemaPreprocessor(doc, ajvOpts.preprocessor, answersTo).preProcess();
  const requests = new RequestValidator(doc, ajvOpts.request);
  const { ajv, ajvBody } = requests as unknown as { ajv: Ajv; ajvBody: Ajv };
  return {
    ...{ doc, answersDoc: apiDocRes, requests, ajv, ajvBody },
    answers: new ResponseValidator(apiDocRes, ajvOpts.response, answersTo),
    compiled: new Map<object, Checks | undefined>(),
  };
}

type Parts = Awaited<ReturnType<typeof loadParts>>;

/** The names of the query, if the validator has nothing to do to the parameters before it checks them. */
function plainQueryOf({ doc, ajv }: Parts, parameters: readonly Parameter[] = []): Set<string> | undefined {
  const names = new Set<string>();
  for (const parameter of parameters.map((node) => dereferenceParameter(doc, node))) {
    const { name, schema } = normalizeParameter(ajv, parameter);
    const { type, allOf, anyOf, oneOf } = schema as Schema;
    const isPlain =
      scalars.includes(type) && !(parameter.content || allOf || anyOf || oneOf || parameter.in === 'cookie');
    if (!isPlain) return undefined;
    if (parameter.in === 'query') names.add(name);
  }
  return names;
}

/** Compiles what checks the body of a response, by media type. Most responses are shared: each is compiled once. */
function compileAnswer({ answers, compiled }: Parts, response: object): Checks | undefined {
  if (compiled.has(response)) return compiled.get(response);
  // The request that the validator takes is but a name for what it compiles.
  const name = { method: '', headers: {}, openapi: { expressRoute: String(compiled.size) } };
  const { 200: checks } = answers._getOrBuildValidator(name as unknown as Request, { 200: response } as Responses);
  compiled.set(response, checks as unknown as Checks | undefined);
  return compiled.get(response);
}

/** Compiles what checks an operation. */
function compile(parts: Parts, operationId: OperationId): OperationValidator {
  const { doc, answersDoc, requests, ajv, ajvBody, answers } = parts;
  const { method, path, requestMediaTypes } = operations[operationId];
  const [contentType] = requestMediaTypes;
  const expressRoute = toExpressPath(path);
  const schema = doc.paths?.[path]?.[method] as NonNullable<ValidatedRequest['openapi']>['schema'];
  const about = { expressRoute, openApiRoute: path, schema, serial: 0 };

  const validateRequest: OperationValidator['validateRequest'] = (req, res, pathParams) => {
    requests.validate(Object.assign(req, { openapi: { ...about, pathParams } }), res, () => {});
  };
  const headers = { ...(contentType !== undefined && { 'content-type': contentType }) };
  const probe = { method: method.toUpperCase(), path, originalUrl: path, query: {}, headers } as unknown as Request;
  try {
    validateRequest(probe, {} as Response, {});
  } catch (error) {
    // 400 is the validator at work: the probe has neither body nor path parameters.
    if ((error as { status?: number }).status !== 400) throw error;
  }
  const key = `${probe.method}-${expressRoute}-${contentType ?? 'not_provided'}`;
  const bodySchema = contentType && (schema.requestBody as RequestBody | undefined)?.content[contentType]?.schema;
  // One that chooses among schemas has no check of its own.
  const isChoosing = bodySchema && '_discriminator' in bodySchema;
  const responses = Object.entries(answersDoc.paths?.[path]?.[method]?.responses as Record<string, object>);
  const checks: Record<string, Checks> = {};
  const ofOneType: Record<number, Check | undefined> = {};
  for (const [status, response] of responses) {
    const byType = compileAnswer(parts, response);
    // One of another type than JSON has none, and the validator takes its status for unknown.
    if (byType === undefined) continue;
    checks[status] = byType;
    if (Object.keys(byType).length === 1) [ofOneType[Number(status)]] = Object.values(byType);
  }

  return {
    contentType,
    plainQuery: isChoosing ? undefined : plainQueryOf(parts, schema.parameters as Parameter[]),
    general: ajv.getSchema(key) as Check,
    body: ajvBody.getSchema(key) as Check,
    answers: ofOneType,
    validateRequest,
    validateAnswer(body, { originalUrl, headers: { accept } }, res) {
      const type = res.getHeader('content-type') as string | undefined;
      const accepts = type ? [type] : accept ? accept.split(',').map((part) => part.trim()) : [];
      const answer = { validators: checks, body, statusCode: res.statusCode, path: originalUrl, accepts };
      answers._validate(answer as unknown as Parameters<typeof answers._validate>[0]);
    },
  };
}

export type Validators = Readonly<Record<OperationId, OperationValidator>>;

async function compileAll(description: string): Promise<Validators> {
  const parts = await loadParts(JSON.parse(description));
  const ids = Object.keys(operations) as OperationId[];
  return Object.fromEntries(ids.map((operationId) => [operationId, compile(parts, operationId)])) as Validators;
}

/** Compiling takes longer than all the rest of a start; apps with the same description share it. */
let latest: { description: string; validators: Promise<Validators> } | undefined;

/** What checks each operation of a description, the bundle as text. Rejects when it is broken. */
export function loadValidators(description: string): Promise<Validators> {
  if (latest?.description !== description) latest = { description, validators: compileAll(description) };
  return latest.validators;
}
