import { hash } from 'node:crypto';
import type { Request, Response } from 'express';
import { AjvOptions } from 'express-openapi-validator/dist/framework/ajv/options.js';
import { defaultSerDes } from 'express-openapi-validator/dist/framework/base.serdes.js';
import * as errors from 'express-openapi-validator/dist/framework/types.js';
import { RequestValidator } from 'express-openapi-validator/dist/middlewares/openapi.request.validator.js';
import { ResponseValidator } from 'express-openapi-validator/dist/middlewares/openapi.response.validator.js';
import { SchemaPreprocessor } from 'express-openapi-validator/dist/middlewares/parsers/schema.preprocessor.js';
import { dereferenceParameter, normalizeParameter } from 'express-openapi-validator/dist/middlewares/parsers/util.js';
import { ajvErrorsToValidatorError, augmentAjvErrors } from 'express-openapi-validator/dist/middlewares/util.js';
import { bundleDigest } from '../../generated/bundle-digest.ts';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Answer } from '../http/send.ts';

/**
 * The parts of express-openapi-validator, put together as its own middleware does it, but once for each operation
 * instead of once for each request. They are no public interface of it, which is why its version is pinned.
 */

/** A compiled schema; `errors` are those of the latest call. */
export interface Check {
  (data: object): boolean;
  readonly errors?: AjvErrors | null;
}

/** By media type. */
type Checks = Readonly<Record<string, Check>>;
type PathParams = Record<string, string>;

/** What the validator would throw at a request, but no `Error`: that would look up where it came from. */
export interface Breach {
  readonly name: string;
  readonly status: number;
  readonly message: string;
  readonly path: string;
  readonly errors: ReturnType<typeof ajvErrorsToValidatorError>['errors'];
}

const { name, status } = new errors.BadRequest({ path: '' });
const refused = { name, status };

/** What checks one operation. */
export interface OperationValidator {
  /** The content type of a request that `general` and `body` are compiled for. */
  readonly contentType: string | undefined;
  /** The names of the query when every parameter is plain text, a number or a boolean; otherwise undefined. */
  readonly plainQuery: ReadonlySet<string> | undefined;
  /** Checks and coerces query, headers and path. */
  readonly general: Check;
  readonly body: Check;
  /** For each status with one media type or no body, whether a body passes. */
  readonly answers: Readonly<Record<number, ((body: unknown) => boolean) | undefined>>;
  /** What is wrong with a request that `general` or `body` has just refused. */
  explain(path: string): Breach;
  /** Checks a request in every particular; throws what is wrong with it. */
  validateRequest(req: Request, res: Response, pathParams: PathParams): void;
  /** Checks an answer in every particular; throws what is wrong with it. */
  validateAnswer(answer: Answer, req: Request): void;
}

type AjvErrors = Parameters<typeof augmentAjvErrors>[0];
type Options = ConstructorParameters<typeof AjvOptions>[0];
type OptionName = 'validateRequests' | 'validateResponses' | 'validateFormats' | 'ajvFormats' | 'formats' | 'serDes';
type Doc = ConstructorParameters<typeof RequestValidator>[0];
type ValidatedRequest = Parameters<RequestValidator['validate']>[0];
type Responses = Parameters<ResponseValidator['_getOrBuildValidator']>[1];
type OneResponse = Exclude<Responses[string], { $ref: string }>;
type Ajv = Parameters<typeof normalizeParameter>[0];
type Schema = Partial<Record<'type' | 'allOf' | 'anyOf' | 'oneOf', unknown>>;
type RequestBody = { content: Record<string, { schema?: object }> };
type Parameter = Parameters<typeof normalizeParameter>[1];

/** As the validator's own middleware completes `{ validateRequests: { allErrors: true }, validateResponses: true }`. */
const responseOptions = { removeAdditional: false, coerceTypes: false };
const options: Pick<Options, OptionName> = {
  ...{ validateRequests: { allErrors: true }, validateResponses: responseOptions },
  ...{ validateFormats: true, ajvFormats: { mode: 'fast' }, formats: {}, serDes: defaultSerDes },
};

/** What ajv is set to for a description, its requests and its answers. */
export const ajvOptions = new AjvOptions(options as Options);

const scalars: readonly unknown[] = ['string', 'integer', 'number', 'boolean'];

/** `/v1/oauth-apps/{id}` → `/v1/oauth-apps/:id` */
const toExpressPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

/** A description as the validator takes it. Rejects when it is broken. */
async function loadDescription(text: string): Promise<Doc> {
  const apiDoc: Doc = JSON.parse(text);
  // The bundle refers to nothing outside, and was linted when it was made: that is not done again at every start.
  if (hash('sha256', JSON.stringify(apiDoc), 'hex') === bundleDigest) return apiDoc;
  const { OpenApiSpecLoader } = await import('express-openapi-validator/dist/framework/openapi.spec.loader.js');
  return (await new OpenApiSpecLoader({ apiDoc, validateApiSpec: true }).load()).apiDoc;
}

/** The description without what no schema refers to: ajv looks through all of it for each schema that it compiles. */
function keepSchemas({ openapi, paths, components }: Doc): Doc {
  const { schemas, parameters, requestBodies, responses } = components ?? {};
  return { openapi, paths, components: { schemas, parameters, requestBodies, responses } } as Doc;
}

/** The parts for one description. Rejects when it is broken. */
async function loadParts(description: string) {
  const doc = keepSchemas(await loadDescription(description));
  const { apiDocRes } = new SchemaPreprocessor(doc, ajvOptions.preprocessor, responseOptions).preProcess();
  const requests = new RequestValidator(doc, ajvOptions.request);
  const { ajv, ajvBody } = requests as unknown as { ajv: Ajv; ajvBody: Ajv };
  return {
    ...{ doc, answersDoc: apiDocRes, requests, ajv, ajvBody },
    answers: new ResponseValidator(apiDocRes, ajvOptions.response, responseOptions),
    compiled: new Map<string, Checks | undefined>(),
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

/** Compiles what checks the body of a response, by media type. Many responses have the same: each is compiled once. */
function compileAnswer({ answers, compiled }: Parts, response: OneResponse): Checks | undefined {
  const key = JSON.stringify(response.content ?? null);
  if (compiled.has(key)) return compiled.get(key);
  // The request that the validator takes is but a name for what it compiles.
  const name = { method: '', headers: {}, openapi: { expressRoute: String(compiled.size) } };
  const { 200: checks } = answers._getOrBuildValidator(name as unknown as Request, { 200: response });
  compiled.set(key, checks as unknown as Checks | undefined);
  return compiled.get(key);
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
  const [general, checkBody] = [ajv.getSchema(key) as Check, ajvBody.getSchema(key) as Check];
  // One that chooses among schemas has no check of its own.
  const isChoosing = bodySchema && '_discriminator' in bodySchema;
  const responses = Object.entries(answersDoc.paths?.[path]?.[method]?.responses as Record<string, OneResponse>);
  const checks: Record<string, Checks> = {};
  const plain: Record<number, (body: unknown) => boolean> = {};
  for (const [status, response] of responses) {
    const byType = compileAnswer(parts, response);
    // One of another type than JSON has none, and the validator takes its status for unknown.
    if (byType === undefined) continue;
    checks[status] = byType;
    const [check, ...more] = Object.values(byType);
    if (check === undefined) plain[Number(status)] = (body) => body === undefined;
    // The compiled schema takes a body that is not there for one that need not be.
    else if (more.length === 0) plain[Number(status)] = (body) => body != null && check({ response: body });
  }

  return {
    contentType,
    plainQuery: isChoosing ? undefined : plainQueryOf(parts, schema.parameters as Parameter[]),
    general,
    body: checkBody,
    answers: plain,
    explain(path) {
      const found = augmentAjvErrors([...(general.errors ?? []), ...(checkBody.errors ?? [])]);
      const message = ajv.errorsText(found, { dataVar: 'request' });
      return { ...refused, path, message, errors: ajvErrorsToValidatorError(refused.status, found).errors };
    },
    validateRequest,
    validateAnswer({ status, mediaType, body }, { originalUrl, headers: { accept } }) {
      const accepts = mediaType ? [mediaType] : accept ? accept.split(',').map((part) => part.trim()) : [];
      const answer = { validators: checks, body, statusCode: status, path: originalUrl, accepts };
      answers._validate(answer as unknown as Parameters<typeof answers._validate>[0]);
    },
  };
}

export type Validators = Readonly<Record<OperationId, OperationValidator>>;

async function compileAll(description: string): Promise<Validators> {
  const parts = await loadParts(description);
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
