/** A description that shares nothing with the OAuth apps, with every construct that the generators carry. */
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object, value: unknown) => ({
  'application/json': { schema, examples: { Plain: { value } } },
});
const book = { id: '7', kind: 'paper', title: 'Ajax', pages: 90, subtitle: null };

const shelf = { label: 'A' };
const tag = { required: true, schema: { type: 'string' }, example: '"1"' };

const schemas = {
  Kind: { type: 'string', enum: ['paper', 'audio'] },
  // Names that the generated code uses itself.
  Response: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, labels: { type: 'array', items: { type: 'string' } } },
  },
  Scope: { type: 'string', enum: ['a', 'b'] },
  PaperBook: {
    type: 'object',
    required: ['id', 'kind', 'title', 'pages'],
    properties: {
      id: { type: 'string' },
      kind: { const: 'paper' },
      title: { type: 'string' },
      subtitle: { type: ['string', 'null'] },
      pages: { type: 'integer' },
    },
  },
  AudioBook: {
    type: 'object',
    required: ['id', 'kind', 'title', 'minutes'],
    properties: {
      id: { type: 'string' },
      kind: { const: 'audio' },
      title: { type: 'string' },
      minutes: { type: 'integer' },
    },
  },
  Book: {
    oneOf: [ref('PaperBook'), ref('AudioBook')],
    discriminator: {
      propertyName: 'kind',
      mapping: { paper: '#/components/schemas/PaperBook', audio: '#/components/schemas/AudioBook' },
    },
  },
  Shelf: { type: 'object', required: ['label'], properties: { label: { type: 'string' } } },
  Shelves: {
    type: 'object',
    required: ['data'],
    properties: { data: { type: 'array', items: ref('Shelf') }, next_cursor: { type: 'string' } },
  },
  Notes: { type: 'object', additionalProperties: { type: 'string' }, 'x-max-bytes': 100 },
};

const paths = {
  '/books': {
    get: {
      operationId: 'listBooks',
      summary: 'List books',
      parameters: [
        { name: 'tag', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
        { name: 'year', in: 'query', schema: { type: 'array', items: { type: 'integer' } } },
        {
          name: 'filter',
          in: 'query',
          required: true,
          schema: { type: 'string' },
          'x-content-media-type': 'application/json',
        },
        { name: 'X-Library', in: 'header', required: true, schema: { type: 'string' } },
      ],
      responses: { 200: { description: 'Books.', content: json({ type: 'array', items: ref('Book') }, [book]) } },
    },
    post: {
      operationId: 'createBook',
      deprecated: true,
      requestBody: { content: json(ref('Book'), book) },
      parameters: [{ name: 'mode', in: 'query', required: true, schema: { type: 'string' } }],
      responses: {
        200: { description: 'Known.', content: json(ref('Response'), { id: '7' }) },
        201: {
          description: 'Created.',
          headers: { Location: { required: true, schema: { type: 'string' }, example: '/books/7' } },
          content: json(ref('Book'), book),
        },
        202: { description: 'Accepted.' },
        400: { description: 'Bad request.' },
      },
    },
  },
  '/books/status': {
    get: {
      operationId: 'getStatus',
      security: [],
      responses: {
        200: { description: 'Up.', content: { 'text/plain': { schema: { type: 'string' }, example: 'up' } } },
      },
    },
  },
  '/shelves': {
    get: {
      operationId: 'listShelves',
      parameters: [{ name: 'cursor', in: 'query', schema: { type: 'string' } }],
      responses: { 200: { description: 'Shelves.', content: json(ref('Shelves'), { data: [shelf] }) } },
    },
  },
  '/shelves/{id}': {
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    get: {
      operationId: 'getShelf',
      responses: { 200: { description: 'The shelf.', headers: { ETag: tag }, content: json(ref('Shelf'), shelf) } },
    },
    put: {
      operationId: 'replaceShelf',
      parameters: [{ name: 'If-Match', in: 'header', schema: { type: 'string' } }],
      requestBody: { required: true, content: json(ref('Shelf'), shelf) },
      responses: { 200: { description: 'The shelf.', headers: { ETag: tag }, content: json(ref('Shelf'), shelf) } },
    },
  },
  '/books/{body}/{in}': {
    parameters: [
      { name: 'body', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'in', in: 'path', required: true, schema: { type: 'integer' } },
    ],
    put: {
      operationId: 'replaceBook',
      requestBody: { required: true, content: json(ref('Book'), book) },
      responses: { 200: { description: 'Replaced.', content: json(ref('Book'), book) } },
    },
    patch: {
      operationId: 'noteBook',
      requestBody: {
        required: true,
        content: json({ type: 'object', required: ['notes'], properties: { notes: ref('Notes') } }, { notes: {} }),
      },
      responses: { 204: { description: 'Noted.' } },
    },
  },
};

/** Returns the description as a new object. */
export const describeLibrary = () =>
  structuredClone({
    openapi: '3.1.0',
    info: { title: 'Library', version: '1.0.0' },
    servers: [{ url: 'https://library.example' }],
    security: [{ Token: [] }],
    paths,
    components: { schemas, securitySchemes: { Token: { type: 'http', scheme: 'bearer' } } },
  });
