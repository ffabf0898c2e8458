// Generated from openapi/ by `npm run generate`. Do not edit.

/** The names of the documented answers of each operation, its success first. */
export interface AnswerNames {
  listOAuthApps: 'Masked' | 'Revealed' | 'Page' | 'MalformedRequest' | 'Unauthorized' | 'Forbidden' | 'MethodNotAllowed' | 'ValidationFailed' | 'TooManyRequests' | 'ServerFault' | 'Unavailable';
  createOAuthApp: 'OAuthApp' | 'MalformedRequest' | 'Unauthorized' | 'Forbidden' | 'MethodNotAllowed' | 'RequestInFlight' | 'AccountFull' | 'ContentTooLarge' | 'UnsupportedMediaType' | 'ValidationFailed' | 'TooManyRequests' | 'ServerFault' | 'Unavailable';
  getOAuthApp: 'OAuthApp' | 'NotModified' | 'MalformedRequest' | 'Unauthorized' | 'Forbidden' | 'NotFound' | 'MethodNotAllowed' | 'ValidationFailed' | 'TooManyRequests' | 'ServerFault' | 'Unavailable';
  updateOAuthApp: 'OAuthApp' | 'MalformedRequest' | 'Unauthorized' | 'Forbidden' | 'NotFound' | 'MethodNotAllowed' | 'PreconditionFailed' | 'ContentTooLarge' | 'UnsupportedMediaType' | 'ValidationFailed' | 'TooManyRequests' | 'ServerFault' | 'Unavailable';
  deleteOAuthApp: 'DeletedOAuthApp' | 'MalformedRequest' | 'Unauthorized' | 'Forbidden' | 'NotFound' | 'MethodNotAllowed' | 'PreconditionFailed' | 'ValidationFailed' | 'TooManyRequests' | 'ServerFault' | 'Unavailable';
}

/** A documented answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
}

const headers1 = {
  'Content-Type': 'application/json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  'Cache-Control': 'no-store',
};
const headers2 = {
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
};
const headers3 = {
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  'WWW-Authenticate': 'Bearer realm="oauth-apps", error="invalid_token"',
};
const headers4 = {
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  'WWW-Authenticate': 'Bearer realm="oauth-apps", error="insufficient_scope", scope="write"',
};
const headers5 = {
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  Allow: 'GET, HEAD, PATCH, DELETE, OPTIONS',
};
const headers6 = {
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  'Retry-After': '1',
};
const headers7 = {
  'Content-Type': 'application/json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  'Cache-Control': 'no-store',
  ETag: '"v1"',
};
const headers8 = {
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  'Cache-Control': 'no-store',
  ETag: '"v1"',
};
const headers9 = {
  'Content-Type': 'application/json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
};

const body1 = {
  data: [{
    id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
    provider: 'stripe',
    name: 'My Stripe OAuth App',
    client_id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
    client_secret: '**********',
    metadata: {
      custom_property: 42,
    },
    health: {
      status: 'ok',
      notes: [],
      time: '2023-12-15 01:29:29',
    },
    created_at: '2024-02-20T02:10:52Z',
    updated_at: '2024-02-20T02:10:52Z',
  }],
};
const body2 = {
  data: [{
    id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
    provider: 'stripe',
    name: 'My Stripe OAuth App',
    client_id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
    client_secret: 'e8c22f21-3455-4ad5-ae1e-76bee847dec9',
    metadata: {
      custom_property: 42,
    },
    health: {
      status: 'ok',
      notes: [],
      time: '2023-12-15 01:29:29',
    },
    created_at: '2024-02-20T02:10:52Z',
    updated_at: '2024-02-20T02:10:52Z',
  }],
};
const body3 = {
  data: [{
    id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
    provider: 'stripe',
    name: 'My Stripe OAuth App',
    client_id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
    client_secret: '**********',
    metadata: {
      custom_property: 42,
    },
    health: {
      status: 'ok',
      notes: [],
      time: '2023-12-15 01:29:29',
    },
    created_at: '2024-02-20T02:10:52Z',
    updated_at: '2024-02-20T02:10:52Z',
  }],
  next_cursor: 'v1.k1.kJx0c3VyZSBpdiBo.Zm9yIG9uZSBhY2NvdW50.bm90IGEgcmVhbCB0YWcgaGVy',
};
const body4 = {
  type: 'urn:oauth-apps:problem:malformed-request',
  title: 'Malformed request',
  status: 400,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'Your request is invalid.',
};
const body5 = {
  type: 'urn:oauth-apps:problem:unauthorized',
  title: 'Unauthorized',
  status: 401,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'Your API key is wrong.',
};
const body6 = {
  type: 'urn:oauth-apps:problem:forbidden',
  title: 'Forbidden',
  status: 403,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'The token lacks the scope that this needs.',
};
const body7 = {
  type: 'urn:oauth-apps:problem:method-not-allowed',
  title: 'Method not allowed',
  status: 405,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'This URL does not know that method. See Allow.',
};
const body8 = {
  type: 'urn:oauth-apps:problem:validation-failed',
  title: 'Validation failed',
  status: 422,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'Your request failed validation.',
  validation_errors: {
    client_id: ['must have required property \'client_id\''],
    name: ['must NOT have fewer than 1 characters'],
  },
};
const body9 = {
  type: 'urn:oauth-apps:problem:too-many-requests',
  title: 'Too many requests',
  status: 429,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'Too many requests with this token. See Retry-After.',
};
const body10 = {
  type: 'urn:oauth-apps:problem:server-fault',
  title: 'Server fault',
  status: 500,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'The server failed. Nothing was changed.',
};
const body11 = {
  type: 'urn:oauth-apps:problem:unavailable',
  title: 'Unavailable',
  status: 503,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'The server cannot answer now. Try again later.',
};
const body12 = {
  id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
  provider: 'stripe',
  name: 'My Stripe OAuth App',
  client_id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
  client_secret: '**********',
  metadata: {
    custom_property: 42,
  },
  health: {
    status: 'ok',
    notes: [],
    time: '2023-12-15 01:29:29',
  },
  created_at: '2024-02-20T02:10:52Z',
  updated_at: '2024-02-20T02:10:52Z',
};
const body13 = {
  type: 'urn:oauth-apps:problem:request-in-flight',
  title: 'Request in flight',
  status: 409,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'The first call with this Idempotency-Key is still under way.',
};
const body14 = {
  type: 'urn:oauth-apps:problem:account-full',
  title: 'Account full',
  status: 409,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'The account holds as many OAuth apps as it may.',
};
const body15 = {
  type: 'urn:oauth-apps:problem:content-too-large',
  title: 'Content too large',
  status: 413,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'The body is larger than this API takes.',
};
const body16 = {
  type: 'urn:oauth-apps:problem:unsupported-media-type',
  title: 'Unsupported media type',
  status: 415,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'Send the body as application/json in UTF-8, uncompressed.',
};
const body17 = {
  type: 'urn:oauth-apps:problem:not-found',
  title: 'Not found',
  status: 404,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'The specified object could not be found.',
};
const body18 = {
  type: 'urn:oauth-apps:problem:precondition-failed',
  title: 'Precondition failed',
  status: 412,
  instance: 'urn:uuid:7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  summary: 'The OAuth app was changed meanwhile. Get it again.',
};
const body19 = {
  id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
  deleted: true,
};

/** Every documented answer of every operation. */
export const answers: {
  readonly [Id in keyof AnswerNames]: {
    readonly method: 'get' | 'post' | 'patch' | 'delete';
    readonly path: string;
    readonly examples: Readonly<Record<AnswerNames[Id], Answer>>;
  };
} = {
  listOAuthApps: {
    method: 'get',
    path: '/v1/oauth-apps',
    examples: {
      'Masked': { status: 200, headers: headers1, body: body1 },
      'Revealed': { status: 200, headers: headers1, body: body2 },
      'Page': { status: 200, headers: headers1, body: body3 },
      'MalformedRequest': { status: 400, headers: headers2, body: body4 },
      'Unauthorized': { status: 401, headers: headers3, body: body5 },
      'Forbidden': { status: 403, headers: headers4, body: body6 },
      'MethodNotAllowed': { status: 405, headers: headers5, body: body7 },
      'ValidationFailed': { status: 422, headers: headers2, body: body8 },
      'TooManyRequests': { status: 429, headers: headers6, body: body9 },
      'ServerFault': { status: 500, headers: headers2, body: body10 },
      'Unavailable': { status: 503, headers: headers6, body: body11 },
    },
  },
  createOAuthApp: {
    method: 'post',
    path: '/v1/oauth-apps',
    examples: {
      'OAuthApp': { status: 200, headers: headers7, body: body12 },
      'MalformedRequest': { status: 400, headers: headers2, body: body4 },
      'Unauthorized': { status: 401, headers: headers3, body: body5 },
      'Forbidden': { status: 403, headers: headers4, body: body6 },
      'MethodNotAllowed': { status: 405, headers: headers5, body: body7 },
      'RequestInFlight': { status: 409, headers: headers6, body: body13 },
      'AccountFull': { status: 409, headers: headers6, body: body14 },
      'ContentTooLarge': { status: 413, headers: headers2, body: body15 },
      'UnsupportedMediaType': { status: 415, headers: headers2, body: body16 },
      'ValidationFailed': { status: 422, headers: headers2, body: body8 },
      'TooManyRequests': { status: 429, headers: headers6, body: body9 },
      'ServerFault': { status: 500, headers: headers2, body: body10 },
      'Unavailable': { status: 503, headers: headers6, body: body11 },
    },
  },
  getOAuthApp: {
    method: 'get',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'OAuthApp': { status: 200, headers: headers7, body: body12 },
      'NotModified': { status: 304, headers: headers8 },
      'MalformedRequest': { status: 400, headers: headers2, body: body4 },
      'Unauthorized': { status: 401, headers: headers3, body: body5 },
      'Forbidden': { status: 403, headers: headers4, body: body6 },
      'NotFound': { status: 404, headers: headers2, body: body17 },
      'MethodNotAllowed': { status: 405, headers: headers5, body: body7 },
      'ValidationFailed': { status: 422, headers: headers2, body: body8 },
      'TooManyRequests': { status: 429, headers: headers6, body: body9 },
      'ServerFault': { status: 500, headers: headers2, body: body10 },
      'Unavailable': { status: 503, headers: headers6, body: body11 },
    },
  },
  updateOAuthApp: {
    method: 'patch',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'OAuthApp': { status: 200, headers: headers7, body: body12 },
      'MalformedRequest': { status: 400, headers: headers2, body: body4 },
      'Unauthorized': { status: 401, headers: headers3, body: body5 },
      'Forbidden': { status: 403, headers: headers4, body: body6 },
      'NotFound': { status: 404, headers: headers2, body: body17 },
      'MethodNotAllowed': { status: 405, headers: headers5, body: body7 },
      'PreconditionFailed': { status: 412, headers: headers2, body: body18 },
      'ContentTooLarge': { status: 413, headers: headers2, body: body15 },
      'UnsupportedMediaType': { status: 415, headers: headers2, body: body16 },
      'ValidationFailed': { status: 422, headers: headers2, body: body8 },
      'TooManyRequests': { status: 429, headers: headers6, body: body9 },
      'ServerFault': { status: 500, headers: headers2, body: body10 },
      'Unavailable': { status: 503, headers: headers6, body: body11 },
    },
  },
  deleteOAuthApp: {
    method: 'delete',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'DeletedOAuthApp': { status: 200, headers: headers9, body: body19 },
      'MalformedRequest': { status: 400, headers: headers2, body: body4 },
      'Unauthorized': { status: 401, headers: headers3, body: body5 },
      'Forbidden': { status: 403, headers: headers4, body: body6 },
      'NotFound': { status: 404, headers: headers2, body: body17 },
      'MethodNotAllowed': { status: 405, headers: headers5, body: body7 },
      'PreconditionFailed': { status: 412, headers: headers2, body: body18 },
      'ValidationFailed': { status: 422, headers: headers2, body: body8 },
      'TooManyRequests': { status: 429, headers: headers6, body: body9 },
      'ServerFault': { status: 500, headers: headers2, body: body10 },
      'Unavailable': { status: 503, headers: headers6, body: body11 },
    },
  },
};
