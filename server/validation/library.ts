/**
 * The parts of express-openapi-validator, assembled as its own middleware assembles them, but once for each operation
 * instead of once for each request. They are not its public interface, which is why its version is pinned.
 */
import { AjvOptions } from 'express-openapi-validator/dist/framework/ajv/options.js';
import { defaultSerDes } from 'express-openapi-validator/dist/framework/base.serdes.js';
import { BadRequest } from 'express-openapi-validator/dist/framework/types.js';
import { RequestValidator } from 'express-openapi-validator/dist/middlewares/openapi.request.validator.js';
import { ResponseValidator } from 'express-openapi-validator/dist/middlewares/openapi.response.validator.js';
import { SchemaPreprocessor } from 'express-openapi-validator/dist/middlewares/parsers/schema.preprocessor.js';
import { dereferenceParameter, normalizeParameter } from 'express-openapi-validator/dist/middlewares/parsers/util.js';
import { ajvErrorsToValidatorError, augmentAjvErrors } from 'express-openapi-validator/dist/middlewares/util.js';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Description } from '../description.ts';

type AjvErrors = Parameters<typeof augmentAjvErrors>[0];
type Options = ConstructorParameters<typeof AjvOptions>[0];
type Document = ConstructorParameters<typeof RequestValidator>[0];
type LibraryRequest = Parameters<RequestValidator['validate']>[0];
type LibraryResponse = Parameters<RequestValidator['validate']>[1];
type ResponseBuilder = Parameters<ResponseValidator['_getOrBuildValidator']>;
type ResponseInput = Parameters<ResponseValidator['_validate']>[0];
type Ajv = Parameters<typeof normalizeParameter>[0];
type Parameter = Parameters<typeof normalizeParameter>[1];
type Schema = Partial<Record<'type' | 'allOf' | 'anyOf' | 'oneOf', unknown>>;

/** A compiled schema; `errors` are those of the latest call. */
interface CompiledSchema {
  (data: object): boolean;
  readonly errors?: AjvErrors | null;
}

type SchemasByType = Readonly<Record<string, CompiledSchema>>;
interface MediaTypes {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}
interface OperationObject {
  readonly parameters?: Parameter[];
  readonly requestBody?: MediaTypes;
  readonly responses: Readonly<Record<string, MediaTypes>>;
}

/** The data of a request in the form in which the library validates it. It coerces and completes the values in place. */
export interface RequestData {
  query: Record<string, unknown>;
  /** By name in lower case. */
  headers: Record<string, unknown>;
  params: Record<string, unknown>;
  readonly cookies: undefined;
  readonly body: unknown;
}

/** The validation failure of a request. Not an `Error`, which would look up where it was made. */
export interface RequestFailure {
  readonly name: string;
  readonly status: number;
  readonly message: string;
  readonly path: string;
  readonly errors: ReturnType<typeof ajvErrorsToValidatorError>['errors'];
}

/** An operation, compiled. */
export interface CompiledOperation {
  /** The names of the query where every parameter is plain text, a number or a boolean; otherwise undefined. */
  readonly plainQuery: ReadonlySet<string> | undefined;
  /** Validates and coerces by the compiled schemas alone. Returns undefined when the request is valid. */
  validateCompiled(data: RequestData, path: string): RequestFailure | undefined;
  /**
   * Validates by the library as a whole, which also parses parameters.
   * @throws BadRequest when the request is not valid.
   */
  validateWhole(data: RequestData, target: { readonly path: string; readonly query: string }): void;
  /** For each status with one media type or no body: whether a body is valid. */
  readonly responses: Readonly<Record<number, ((body: unknown) => boolean) | undefined>>;
  /** Validates a response as a whole. @throws InternalServerError when it is not valid. */
  validateResponse(response: { status: number; mediaType?: string; body?: unknown }, path: string): void;
}

/** The options as the library's middleware completes `{ validateRequests: { allErrors: true }, validateResponses: true }`. */
const responseOptions = { removeAdditional: false, coerceTypes: false };
const options: Partial<Options> = {
  ...{ validateRequests: { allErrors: true }, validateResponses: responseOptions },
  ...{ validateFormats: true, ajvFormats: { mode: 'fast' }, formats: {}, serDes: defaultSerDes },
};
const ajvOptions = new AjvOptions(options as Options);
/** V8 optimizes the code of the schemas anyway: ajv's own pass takes a tenth of the compilation, and nothing runs faster. */
const code = { optimize: false };

const { name, status } = new BadRequest({ path: '' });
const failure = { name, status };
const jsonType = 'application/json';
const scalars: readonly unknown[] = ['string', 'integer', 'number', 'boolean'];

/** `/v1/oauth-apps/{id}` → `/v1/oauth-apps/:id` */
const toExpressPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

/**
 * Lets a parameter with JSON have reserved characters that are not percent-encoded, such as `:`. The description does not
 * say so, because then clients would leave `&` and `+` as they are.
 */
function allowReserved(parameter: Parameter): void {
  if (Reflect.get(parameter, 'x-content-media-type') === jsonType) Object.assign(parameter, { allowReserved: true });
}

/** Copies the description for validation, without everything that no schema refers to: ajv walks through all of it for each schema. */
function copySchemas({ openapi, paths, components }: Description): Document {
  const { schemas, parameters, requestBodies, responses } = components;
  const copy = structuredClone({ openapi, paths, components: { schemas, parameters, requestBodies, responses } });
  for (const parameter of Object.values(copy.components.parameters ?? {})) allowReserved(parameter as Parameter);
  return copy as Document;
}

/**
 * Returns what the schemas of a document refer to: ajv walks through all of a document for each schema that it compiles.
 * The operations have their bodies and responses in place of references by then.
 */
const onlyReferred = ({ openapi, components }: Document): Document =>
  ({
    openapi,
    paths: {},
    components: { schemas: components?.schemas, parameters: components?.parameters },
  }) as Document;

/** Tells the preprocessor the components by reference: it would compile each schema to find it. */
function knowComponents(preprocessor: SchemaPreprocessor, { components = {} }: Document): void {
  const known = Reflect.get(preprocessor, 'resolvedSchemaCache') as Map<string, object>;
  for (const [kind, values] of Object.entries(components) as [string, object | undefined][]) {
    for (const [name, value] of Object.entries(values ?? {})) known.set(`#/components/${kind}/${name}`, value);
  }
}

/** Assembles the library for a description. */
function assembleLibrary(description: Description) {
  const document = copySchemas(description);
  const preprocessor = new SchemaPreprocessor(document, ajvOptions.preprocessor, responseOptions);
  knowComponents(preprocessor, document);
  const { apiDocRes } = preprocessor.preProcess();
  const requests = new RequestValidator(onlyReferred(document), { ...ajvOptions.request, code });
  return {
    document,
    responseDocument: apiDocRes,
    requests,
    ajv: Reflect.get(requests, 'ajv') as Ajv,
    ajvBody: Reflect.get(requests, 'ajvBody') as Ajv,
    responses: new ResponseValidator(onlyReferred(apiDocRes), { ...ajvOptions.response, code }, responseOptions),
    /** The compiled responses by their schemas: many operations share one. */
    compiledResponses: new Map<string, SchemasByType | undefined>(),
  };
}

type Library = ReturnType<typeof assembleLibrary>;

/** Returns the names of the query, if the library has nothing to parse in the parameters before it validates them. */
function findPlainQuery({ document, ajv }: Library, parameters: readonly Parameter[] = []): Set<string> | undefined {
  const names = new Set<string>();
  for (const parameter of parameters.map((node) => dereferenceParameter(document, node))) {
    const { name, schema } = normalizeParameter(ajv, parameter);
    const { type, allOf, anyOf, oneOf } = schema as Schema;
    const isPlain =
      scalars.includes(type) && !(parameter.content || allOf || anyOf || oneOf || parameter.in === 'cookie');
    if (!isPlain) return undefined;
    if (parameter.in === 'query') names.add(name);
  }
  return names;
}

/** Compiles the schemas of a response by media type. */
function compileResponse({ responses, compiledResponses }: Library, response: MediaTypes): SchemasByType | undefined {
  // By the schemas alone: the examples of two responses differ.
  const schemasByType = Object.entries(response.content ?? {}).map(([type, { schema }]) => [type, schema]);
  const key = JSON.stringify(response.content && schemasByType);
  if (compiledResponses.has(key)) return compiledResponses.get(key);
  // The library takes a request only to name what it compiles.
  const name = { method: '', headers: {}, openapi: { expressRoute: String(compiledResponses.size) } };
  const described: object = { 200: response };
  const { 200: schemas } = responses._getOrBuildValidator(name as ResponseBuilder[0], described as ResponseBuilder[1]);
  compiledResponses.set(key, schemas as SchemasByType | undefined);
  return compiledResponses.get(key);
}

/** Compiles all responses of an operation. */
function compileResponses(library: Library, responses: OperationObject['responses']) {
  const schemas: Record<string, SchemasByType> = {};
  const plain: Record<number, (body: unknown) => boolean> = {};
  for (const [status, response] of Object.entries(responses)) {
    const byType = compileResponse(library, response);
    // A response of another type than JSON has no schema, and the library takes its status for an unknown one.
    if (byType === undefined) continue;
    schemas[status] = byType;
    const [isValid, ...others] = Object.values(byType);
    if (isValid === undefined) plain[Number(status)] = (body) => body === undefined;
    // The compiled schema accepts a missing body, as if it were optional.
    else if (others.length === 0) plain[Number(status)] = (body) => body != null && isValid({ response: body });
  }
  return { schemas, plain };
}

/** Makes the function that validates requests of an operation by the library as a whole. */
function validateByLibrary({ requests }: Library, about: object, method: string): CompiledOperation['validateWhole'] {
  return (data, { path, query: search }) => {
    const { query, headers, params, body } = data;
    const originalUrl = search === '' ? path : `${path}?${search}`;
    const openapi = { ...about, pathParams: params };
    // On the prototype, as Express has it: the library undoes its changes to a query of the request's own.
    const request: LibraryRequest = Object.create({ query });
    Object.assign(request, { method, path, originalUrl, headers, params, body, openapi });
    requests.validate(request, {} as LibraryResponse, () => {});
    data.query = request.query;
  };
}

/** Compiles an operation of a description that the library was assembled for. */
function compileOperation(library: Library, operationId: OperationId): CompiledOperation {
  const { document, responseDocument, ajv, ajvBody, responses: responseValidator } = library;
  const { path, requestMediaTypes, method: verb } = operations[operationId];
  const [method, expressRoute, contentType] = [verb.toUpperCase(), toExpressPath(path), requestMediaTypes[0]];
  const schema = document.paths?.[path]?.[verb] as OperationObject;
  const about = { expressRoute, openApiRoute: path, schema, serial: 0 };
  const validateWhole = validateByLibrary(library, about, method);
  try {
    // The library compiles an operation at its first request. This one is invalid: it lacks body and path parameters.
    validateWhole(
      { query: {}, headers: { 'content-type': contentType }, params: {}, cookies: undefined, body: undefined },
      { path, query: '' },
    );
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
  }
  const key = `${method}-${expressRoute}-${contentType ?? 'not_provided'}`;
  const [general, body] = [ajv.getSchema(key) as CompiledSchema, ajvBody.getSchema(key) as CompiledSchema];
  const bodySchema = contentType && schema.requestBody?.content?.[contentType]?.schema;
  // A body schema that chooses among others by a discriminator is not compiled as one.
  const isChoice = bodySchema && '_discriminator' in bodySchema;
  const described = responseDocument.paths?.[path]?.[verb] as OperationObject;
  const responses = compileResponses(library, described.responses);

  return {
    plainQuery: isChoice ? undefined : findPlainQuery(library, schema.parameters),
    validateCompiled(data, path) {
      const [isValid, hasValidBody] = [general(data), body(data)];
      if (isValid && hasValidBody) return undefined;
      const errors = augmentAjvErrors([...(general.errors ?? []), ...(body.errors ?? [])]);
      const message = ajv.errorsText(errors, { dataVar: 'request' });
      return { ...failure, path, message, errors: ajvErrorsToValidatorError(failure.status, errors).errors };
    },
    validateWhole,
    responses: responses.plain,
    validateResponse({ status, mediaType, body }, path) {
      const accepts = mediaType === undefined ? [] : [mediaType];
      const response = { validators: responses.schemas, body, statusCode: status, path, accepts };
      responseValidator._validate(response as object as ResponseInput);
    },
  };
}

/** Compiles every operation of a description. @throws Error when the description has a schema that cannot be compiled. */
export function compileOperations(description: Description): Readonly<Record<OperationId, CompiledOperation>> {
  const library = assembleLibrary(description);
  const operationIds = Object.keys(operations) as OperationId[];
  const compiled = operationIds.map((operationId) => [operationId, compileOperation(library, operationId)] as const);
  return Object.fromEntries(compiled) as Record<OperationId, CompiledOperation>;
}
