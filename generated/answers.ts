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
  /** The example of the description that is its body. */
  readonly example?: string;
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
      'Masked': { status: 200, headers: headers1, example: 'OAuthAppList' },
      'Revealed': { status: 200, headers: headers1, example: 'OAuthAppListRevealed' },
      'Page': { status: 200, headers: headers1, example: 'OAuthAppListPage' },
      'MalformedRequest': { status: 400, headers: headers2, example: 'MalformedRequest' },
      'Unauthorized': { status: 401, headers: headers3, example: 'Unauthorized' },
      'Forbidden': { status: 403, headers: headers4, example: 'Forbidden' },
      'MethodNotAllowed': { status: 405, headers: headers5, example: 'MethodNotAllowed' },
      'ValidationFailed': { status: 422, headers: headers2, example: 'ValidationFailed' },
      'TooManyRequests': { status: 429, headers: headers6, example: 'TooManyRequests' },
      'ServerFault': { status: 500, headers: headers2, example: 'ServerFault' },
      'Unavailable': { status: 503, headers: headers6, example: 'Unavailable' },
    },
  },
  createOAuthApp: {
    method: 'post',
    path: '/v1/oauth-apps',
    examples: {
      'OAuthApp': { status: 200, headers: headers7, example: 'OAuthApp' },
      'MalformedRequest': { status: 400, headers: headers2, example: 'MalformedRequest' },
      'Unauthorized': { status: 401, headers: headers3, example: 'Unauthorized' },
      'Forbidden': { status: 403, headers: headers4, example: 'Forbidden' },
      'MethodNotAllowed': { status: 405, headers: headers5, example: 'MethodNotAllowed' },
      'RequestInFlight': { status: 409, headers: headers6, example: 'RequestInFlight' },
      'AccountFull': { status: 409, headers: headers6, example: 'AccountFull' },
      'ContentTooLarge': { status: 413, headers: headers2, example: 'ContentTooLarge' },
      'UnsupportedMediaType': { status: 415, headers: headers2, example: 'UnsupportedMediaType' },
      'ValidationFailed': { status: 422, headers: headers2, example: 'ValidationFailed' },
      'TooManyRequests': { status: 429, headers: headers6, example: 'TooManyRequests' },
      'ServerFault': { status: 500, headers: headers2, example: 'ServerFault' },
      'Unavailable': { status: 503, headers: headers6, example: 'Unavailable' },
    },
  },
  getOAuthApp: {
    method: 'get',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'OAuthApp': { status: 200, headers: headers7, example: 'OAuthApp' },
      'NotModified': { status: 304, headers: headers8 },
      'MalformedRequest': { status: 400, headers: headers2, example: 'MalformedRequest' },
      'Unauthorized': { status: 401, headers: headers3, example: 'Unauthorized' },
      'Forbidden': { status: 403, headers: headers4, example: 'Forbidden' },
      'NotFound': { status: 404, headers: headers2, example: 'NotFound' },
      'MethodNotAllowed': { status: 405, headers: headers5, example: 'MethodNotAllowed' },
      'ValidationFailed': { status: 422, headers: headers2, example: 'ValidationFailed' },
      'TooManyRequests': { status: 429, headers: headers6, example: 'TooManyRequests' },
      'ServerFault': { status: 500, headers: headers2, example: 'ServerFault' },
      'Unavailable': { status: 503, headers: headers6, example: 'Unavailable' },
    },
  },
  updateOAuthApp: {
    method: 'patch',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'OAuthApp': { status: 200, headers: headers7, example: 'OAuthApp' },
      'MalformedRequest': { status: 400, headers: headers2, example: 'MalformedRequest' },
      'Unauthorized': { status: 401, headers: headers3, example: 'Unauthorized' },
      'Forbidden': { status: 403, headers: headers4, example: 'Forbidden' },
      'NotFound': { status: 404, headers: headers2, example: 'NotFound' },
      'MethodNotAllowed': { status: 405, headers: headers5, example: 'MethodNotAllowed' },
      'PreconditionFailed': { status: 412, headers: headers2, example: 'PreconditionFailed' },
      'ContentTooLarge': { status: 413, headers: headers2, example: 'ContentTooLarge' },
      'UnsupportedMediaType': { status: 415, headers: headers2, example: 'UnsupportedMediaType' },
      'ValidationFailed': { status: 422, headers: headers2, example: 'ValidationFailed' },
      'TooManyRequests': { status: 429, headers: headers6, example: 'TooManyRequests' },
      'ServerFault': { status: 500, headers: headers2, example: 'ServerFault' },
      'Unavailable': { status: 503, headers: headers6, example: 'Unavailable' },
    },
  },
  deleteOAuthApp: {
    method: 'delete',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'DeletedOAuthApp': { status: 200, headers: headers9, example: 'DeletedOAuthApp' },
      'MalformedRequest': { status: 400, headers: headers2, example: 'MalformedRequest' },
      'Unauthorized': { status: 401, headers: headers3, example: 'Unauthorized' },
      'Forbidden': { status: 403, headers: headers4, example: 'Forbidden' },
      'NotFound': { status: 404, headers: headers2, example: 'NotFound' },
      'MethodNotAllowed': { status: 405, headers: headers5, example: 'MethodNotAllowed' },
      'PreconditionFailed': { status: 412, headers: headers2, example: 'PreconditionFailed' },
      'ValidationFailed': { status: 422, headers: headers2, example: 'ValidationFailed' },
      'TooManyRequests': { status: 429, headers: headers6, example: 'TooManyRequests' },
      'ServerFault': { status: 500, headers: headers2, example: 'ServerFault' },
      'Unavailable': { status: 503, headers: headers6, example: 'Unavailable' },
    },
  },
};
