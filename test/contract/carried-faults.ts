/** Constructs that the generators do not carry, each as an edit of the description of a library. */
import type { describeLibrary } from './library-description.ts';

type Library = ReturnType<typeof describeLibrary>;

/** A construct and the place where it is refused. */
export interface Uncarried {
  /** The construct, as a noun phrase. */
  name: string;
  /** The pointer of the rejected construct. */
  at: string;
  edit(library: Library): void;
}

/** Assigns members to a node, whose type the description of the library narrows. */
const set = (node: object | undefined, members: object) => void Object.assign(node ?? {}, members);
const text = { schema: { type: 'string' }, example: 'x' };
const listBooks = '#/paths/~1books/get';
const createBook = '#/paths/~1books/post';
const schemas = '#/components/schemas';

/** Adds a query parameter. */
const withParameter = (members: object) => (library: Library) =>
  void library.paths['/books'].post.parameters.unshift({
    ...library.paths['/books'].post.parameters[0],
    name: 'added',
    ...members,
  } as never);
const first = `${createBook}/parameters/0`;

const parameters: Uncarried[] = [
  { name: 'a cookie parameter', at: first, edit: withParameter({ in: 'cookie' }) },
  {
    name: 'a list separated by commas',
    at: `${first}/explode`,
    edit: withParameter({ explode: false, schema: { type: 'array', items: { type: 'string' } } }),
  },
  {
    name: 'a list separated by pipes',
    at: `${first}/style`,
    edit: withParameter({ style: 'pipeDelimited', schema: { type: 'array', items: { type: 'string' } } }),
  },
  { name: 'an object in the query', at: `${first}/schema`, edit: withParameter({ schema: { type: 'object' } }) },
  {
    name: 'a list in a header',
    at: `${first}/schema`,
    edit: withParameter({ in: 'header', schema: { type: 'array', items: { type: 'string' } } }),
  },
  {
    name: 'a parameter with content',
    at: first,
    edit: withParameter({ schema: undefined, content: { 'application/json': text } }),
  },
  { name: 'a reserved character in a query', at: first, edit: withParameter({ allowReserved: true }) },
  { name: 'a name with brackets', at: `${first}/name`, edit: withParameter({ name: 'added[]' }) },
];

const bodies: Uncarried[] = [
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/merge-patch+json',
  'application/octet-stream',
  'text/plain',
].map((type) => ({
  name: `a request body of ${type}`,
  at: `${createBook}/requestBody/content/${type.replace('/', '~1')}`,
  edit: ({ paths }) => set(paths['/books'].post.requestBody, { content: { [type]: text } }),
}));

const noteBody = '#/paths/~1books~1{body}~1{in}/patch/requestBody/content/application~1json/schema';

/** Limits of a body that validators would not read. */
const limits: Uncarried[] = [
  {
    name: 'a size limit of a nested property',
    at: noteBody,
    edit: ({ components }) => set(components.schemas.Notes.additionalProperties, { 'x-max-bytes': 9 }),
  },
  {
    name: 'a size limit that no validator knows',
    at: noteBody,
    edit: ({ components }) => set(components.schemas.Notes, { 'x-max-words': 9 }),
  },
];

const response = `${createBook}/responses`;
const respond =
  (status: string | number, content: object) =>
  ({ paths }: Library) =>
    set(paths['/books'].post.responses, { [status]: { description: 'Added.', content } });

const responses: Uncarried[] = [
  {
    name: 'an image in a response',
    at: `${response}/201/content/image~1png`,
    edit: respond(201, { 'image/png': text }),
  },
  {
    name: 'a stream of events',
    at: `${response}/201/content/text~1event-stream`,
    edit: respond(201, { 'text/event-stream': text }),
  },
  {
    name: 'two media types of a success',
    at: `${response}/201/content`,
    edit: respond(201, { 'text/plain': text, 'text/csv': text }),
  },
  { name: 'a default response', at: `${response}/default`, edit: respond('default', { 'text/plain': text }) },
  { name: 'a range of statuses', at: `${response}/4XX`, edit: respond('4XX', { 'text/plain': text }) },
  {
    name: 'a response without an example',
    at: `${response}/400/content/text~1plain`,
    edit: respond(400, { 'text/plain': { schema: { type: 'string' } } }),
  },
  {
    name: 'a required header without an example',
    at: `${response}/400/headers/X-Limit`,
    edit: ({ paths }) =>
      set(paths['/books'].post.responses[400], {
        headers: { 'X-Limit': { required: true, schema: { type: 'integer' } } },
      }),
  },
];

const operations: Uncarried[] = [
  {
    name: 'an operation without an operationId',
    at: createBook,
    edit: ({ paths }) => set(paths['/books'].post, { operationId: undefined }),
  },
  {
    name: 'an operationId that is no identifier',
    at: `${createBook}/operationId`,
    edit: ({ paths }) => set(paths['/books'].post, { operationId: 'create-book' }),
  },
  ...['head', 'options', 'trace'].map((method) => ({
    name: `an operation of ${method.toUpperCase()}`,
    at: `#/paths/~1books~1status/${method}`,
    edit: ({ paths }: Library) =>
      set(paths['/books/status'], {
        [method]: { operationId: 'other', responses: { 204: { description: 'Empty.' } } },
      }),
  })),
  {
    name: 'a callback',
    at: `${createBook}/callbacks`,
    edit: ({ paths }) => set(paths['/books'].post, { callbacks: {} }),
  },
  {
    name: 'a webhook',
    at: '#/webhooks',
    edit: (library) =>
      set(library, {
        webhooks: { added: { post: { operationId: 'added', responses: { 204: { description: 'Empty.' } } } } },
      }),
  },
  {
    name: 'a server of an operation',
    at: `${listBooks}/servers`,
    edit: ({ paths }) => set(paths['/books'].get, { servers: [{ url: 'https://other.example' }] }),
  },
  { name: 'another version of OpenAPI', at: '#/openapi', edit: (library) => set(library, { openapi: '3.0.3' }) },
];

const security: Uncarried[] = [
  {
    name: 'a basic login',
    at: '#/components/securitySchemes/Token',
    edit: ({ components }) => set(components.securitySchemes.Token, { scheme: 'basic' }),
  },
  {
    name: 'a second security scheme',
    at: '#/components/securitySchemes/Other',
    edit: ({ components }) => set(components.securitySchemes, { Other: { type: 'http', scheme: 'bearer' } }),
  },
  {
    name: 'optional security',
    at: `${createBook}/security`,
    edit: ({ paths }) => set(paths['/books'].post, { security: [{}, { Token: [] }] }),
  },
];

const ofSchemas: Uncarried[] = [
  ...['not', 'patternProperties', 'readOnly', 'nullable', 'prefixItems', 'unevaluatedProperties'].map((keyword) => ({
    name: `the keyword ${keyword}`,
    at: `${schemas}/Response/${keyword}`,
    edit: ({ components }: Library) =>
      set(components.schemas.Response, { [keyword]: keyword === 'readOnly' || keyword === 'nullable' ? true : {} }),
  })),
  {
    name: 'a mapping that the schemas do not say',
    at: `${schemas}/Book/oneOf/1`,
    edit: ({ components }) => set(components.schemas.AudioBook.properties, { kind: { type: 'string' } }),
  },
  {
    name: 'a schema named as generated code',
    at: `${schemas}/operations`,
    edit: ({ components }) => set(components.schemas, { operations: { type: 'string' } }),
  },
  {
    name: 'a schema with a dash in its name',
    at: `${schemas}/A-B`,
    edit: ({ components }) => set(components.schemas, { 'A-B': { type: 'string' } }),
  },
  {
    name: 'two schemas of one type name',
    at: `${schemas}/NotesInput`,
    edit: ({ components }) => set(components.schemas, { NotesInput: { type: 'string' } }),
  },
];

/** One construct of each kind. */
export const uncarried: readonly Uncarried[] = [
  ...parameters,
  ...bodies,
  ...limits,
  ...responses,
  ...operations,
  ...security,
  ...ofSchemas,
];
