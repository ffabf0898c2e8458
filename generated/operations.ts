// Generated from openapi/ by `npm run generate`. Do not edit.

/** What the description says of each operation: method, path, security and media types. */
export const operations = {
  listOAuthApps: {
    method: 'get',
    path: '/v1/oauth-apps',
    security: [{
      BearerAuth: ['read'],
    }],
    requestMediaTypes: [],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      405: ['application/problem+json'],
      422: ['application/problem+json'],
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
    requestMediaTypes: ['application/json'],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      405: ['application/problem+json'],
      413: ['application/problem+json'],
      415: ['application/problem+json'],
      422: ['application/problem+json'],
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
    requestMediaTypes: [],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      404: ['application/problem+json'],
      405: ['application/problem+json'],
      422: ['application/problem+json'],
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
    requestMediaTypes: ['application/json'],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      404: ['application/problem+json'],
      405: ['application/problem+json'],
      413: ['application/problem+json'],
      415: ['application/problem+json'],
      422: ['application/problem+json'],
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
    requestMediaTypes: [],
    responses: {
      200: ['application/json'],
      400: ['application/problem+json'],
      401: ['application/problem+json'],
      403: ['application/problem+json'],
      404: ['application/problem+json'],
      405: ['application/problem+json'],
      422: ['application/problem+json'],
      500: ['application/problem+json'],
      503: ['application/problem+json'],
    },
  },
} as const;

/** The name of an operation, which is also the name of its handler and of its client method. */
export type OperationId = keyof typeof operations;
