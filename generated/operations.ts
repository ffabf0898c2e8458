// Generated from openapi/ by `npm run generate`. Do not edit.

/** What the description says of each operation: method, path, security, parameters and media types. */
export const operations = {
  listOAuthApps: {
    method: 'get',
    path: '/v1/oauth-apps',
    security: [{
      BearerAuth: ['read'],
    }],
    queryTypes: {
      truncate_secrets: 'boolean',
      limit: 'integer',
    },
    headers: [],
    requestMediaTypes: [],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      405: ['application/problem+json'],
      422: ['application/problem+json'],
      429: ['application/problem+json'],
      500: ['application/problem+json'],
      503: ['application/problem+json'],
    },
  },
  createOAuthApp: {
    method: 'post',
    path: '/v1/oauth-apps',
    security: [{
      BearerAuth: ['write'],
    }],
    queryTypes: {},
    headers: ['Idempotency-Key'],
    requestMediaTypes: ['application/json'],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      405: ['application/problem+json'],
      409: ['application/problem+json'],
      413: ['application/problem+json'],
      415: ['application/problem+json'],
      422: ['application/problem+json'],
      429: ['application/problem+json'],
      500: ['application/problem+json'],
      503: ['application/problem+json'],
    },
  },
  getOAuthApp: {
    method: 'get',
    path: '/v1/oauth-apps/{id}',
    security: [{
      BearerAuth: ['read'],
    }],
    queryTypes: {},
    headers: ['If-None-Match'],
    requestMediaTypes: [],
    responses: {
      200: ['application/json'],
      304: [],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      404: ['application/problem+json'],
      405: ['application/problem+json'],
      422: ['application/problem+json'],
      429: ['application/problem+json'],
      500: ['application/problem+json'],
      503: ['application/problem+json'],
    },
  },
  updateOAuthApp: {
    method: 'patch',
    path: '/v1/oauth-apps/{id}',
    security: [{
      BearerAuth: ['write'],
    }],
    queryTypes: {},
    headers: ['If-Match'],
    requestMediaTypes: ['application/json'],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      404: ['application/problem+json'],
      405: ['application/problem+json'],
      412: ['application/problem+json'],
      413: ['application/problem+json'],
      415: ['application/problem+json'],
      422: ['application/problem+json'],
      429: ['application/problem+json'],
      500: ['application/problem+json'],
      503: ['application/problem+json'],
    },
  },
  deleteOAuthApp: {
    method: 'delete',
    path: '/v1/oauth-apps/{id}',
    security: [{
      BearerAuth: ['write'],
    }],
    queryTypes: {},
    headers: ['If-Match'],
    requestMediaTypes: [],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      404: ['application/problem+json'],
      405: ['application/problem+json'],
      412: ['application/problem+json'],
      422: ['application/problem+json'],
      429: ['application/problem+json'],
      500: ['application/problem+json'],
      503: ['application/problem+json'],
    },
  },
} as const;

/** The name of an operation, which is also the name of its handler and of its client method. */
export type OperationId = keyof typeof operations;

/** The SHA-256 of the bundle that all of this follows from, as JSON without white space. It was linted then. */
export const bundleDigest = 'bc7760a4344d77621a7439df247567ac17c5a64719b8194d1feca70536bc85ee';
