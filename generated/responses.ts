// Generated from openapi/ by `npm run generate`. Do not edit.

/** Names of the documented responses that every operation has. */
export type CommonResponseName = 'MalformedRequest' | 'Unauthorized' | 'Forbidden' | 'MethodNotAllowed' | 'RequestTimeout' | 'ValidationFailed' | 'TooManyRequests' | 'HeadersTooLarge' | 'ServerFault' | 'Unavailable';

/**
 * Names of the documented responses of each operation.
 *
 * @example
 * const name: ResponseNames['getOAuthApp'] = 'NotFound';
 * const mocked = handlers({ responses: { getOAuthApp: name } });
 */
export interface ResponseNames {
  /** Responses of `listOAuthApps`. */
  listOAuthApps: 'Masked' | 'Revealed' | 'Page' | CommonResponseName;
  /** Responses of `createOAuthApp`. */
  createOAuthApp: 'OAuthApp' | 'Stripe' | 'WithoutMetadata' | 'RequestInFlight' | 'AccountFull' | 'ContentTooLarge' | 'UnsupportedMediaType' | CommonResponseName;
  /** Responses of `getOAuthApp`. */
  getOAuthApp: 'OAuthApp' | 'NotModified' | 'NotFound' | CommonResponseName;
  /** Responses of `updateOAuthApp`. */
  updateOAuthApp: 'OAuthApp' | 'NameAndMetadata' | 'NewSecret' | 'NotFound' | 'PreconditionFailed' | 'ContentTooLarge' | 'UnsupportedMediaType' | CommonResponseName;
  /** Responses of `deleteOAuthApp`. */
  deleteOAuthApp: 'DeletedOAuthApp' | 'NotFound' | 'PreconditionFailed' | CommonResponseName;
}

/** A documented response. */
export interface DocumentedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Name of the example in the description that is the body; `undefined` when there is no body or no name. */
  readonly example?: string;
  /** Body that is an example without a name; `undefined` when there is none. */
  readonly body?: unknown;
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
  'WWW-Authenticate': 'Bearer realm="oauth-apps", error="insufficient_scope", scope="read"',
};
const headers5 = {
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  Allow: 'GET, HEAD, POST, OPTIONS',
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
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  'WWW-Authenticate': 'Bearer realm="oauth-apps", error="insufficient_scope", scope="write"',
};
const headers9 = {
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  'Cache-Control': 'no-store',
  ETag: '"v1"',
};
const headers10 = {
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
  Allow: 'GET, HEAD, PATCH, DELETE, OPTIONS',
};
const headers11 = {
  'Content-Type': 'application/json',
  'X-Request-Id': '7f3b1c52-0d1e-4b0a-9a55-3a1f5d1c9e10',
};

const response1 = { status: 200, headers: headers1, example: 'OAuthAppList' };
const response2 = { status: 200, headers: headers1, example: 'OAuthAppListRevealed' };
const response3 = { status: 200, headers: headers1, example: 'OAuthAppListPage' };
const response4 = { status: 400, headers: headers2, example: 'MalformedRequest' };
const response5 = { status: 401, headers: headers3, example: 'Unauthorized' };
const response6 = { status: 403, headers: headers4, example: 'Forbidden' };
const response7 = { status: 405, headers: headers5, example: 'MethodNotAllowed' };
const response8 = { status: 408, headers: headers2, example: 'RequestTimeout' };
const response9 = { status: 422, headers: headers2, example: 'InvalidParameters' };
const response10 = { status: 429, headers: headers6, example: 'TooManyRequests' };
const response11 = { status: 431, headers: headers2, example: 'HeadersTooLarge' };
const response12 = { status: 500, headers: headers2, example: 'ServerFault' };
const response13 = { status: 503, headers: headers6, example: 'Unavailable' };
const response14 = { status: 200, headers: headers7, example: 'OAuthApp' };
const response15 = { status: 200, headers: headers7, example: 'CreatedOAuthApp' };
const response16 = { status: 200, headers: headers7, example: 'CreatedOAuthAppWithoutMetadata' };
const response17 = { status: 403, headers: headers8, example: 'Forbidden' };
const response18 = { status: 409, headers: headers6, example: 'RequestInFlight' };
const response19 = { status: 409, headers: headers2, example: 'AccountFull' };
const response20 = { status: 413, headers: headers2, example: 'ContentTooLarge' };
const response21 = { status: 415, headers: headers2, example: 'UnsupportedMediaType' };
const response22 = { status: 422, headers: headers2, example: 'ValidationFailed' };
const response23 = { status: 304, headers: headers9 };
const response24 = { status: 404, headers: headers2, example: 'NotFound' };
const response25 = { status: 405, headers: headers10, example: 'MethodNotAllowed' };
const response26 = { status: 200, headers: headers7, example: 'UpdatedOAuthApp' };
const response27 = { status: 200, headers: headers7, example: 'UpdatedOAuthAppSecret' };
const response28 = { status: 412, headers: headers2, example: 'PreconditionFailed' };
const response29 = { status: 200, headers: headers11, example: 'DeletedOAuthApp' };

/** Every documented response of every operation, by the name of its example. The first one is its success. */
export const documentedResponses: {
  readonly [Id in keyof ResponseNames]: {
    readonly method: 'get' | 'post' | 'patch' | 'delete';
    readonly path: string;
    readonly examples: Readonly<Record<ResponseNames[Id], DocumentedResponse>>;
  };
} = {
  listOAuthApps: {
    method: 'get',
    path: '/v1/oauth-apps',
    examples: {
      'Masked': response1,
      'Revealed': response2,
      'Page': response3,
      'MalformedRequest': response4,
      'Unauthorized': response5,
      'Forbidden': response6,
      'MethodNotAllowed': response7,
      'RequestTimeout': response8,
      'ValidationFailed': response9,
      'TooManyRequests': response10,
      'HeadersTooLarge': response11,
      'ServerFault': response12,
      'Unavailable': response13,
    },
  },
  createOAuthApp: {
    method: 'post',
    path: '/v1/oauth-apps',
    examples: {
      'OAuthApp': response14,
      'Stripe': response15,
      'WithoutMetadata': response16,
      'MalformedRequest': response4,
      'Unauthorized': response5,
      'Forbidden': response17,
      'MethodNotAllowed': response7,
      'RequestTimeout': response8,
      'RequestInFlight': response18,
      'AccountFull': response19,
      'ContentTooLarge': response20,
      'UnsupportedMediaType': response21,
      'ValidationFailed': response22,
      'TooManyRequests': response10,
      'HeadersTooLarge': response11,
      'ServerFault': response12,
      'Unavailable': response13,
    },
  },
  getOAuthApp: {
    method: 'get',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'OAuthApp': response14,
      'NotModified': response23,
      'MalformedRequest': response4,
      'Unauthorized': response5,
      'Forbidden': response6,
      'NotFound': response24,
      'MethodNotAllowed': response25,
      'RequestTimeout': response8,
      'ValidationFailed': response9,
      'TooManyRequests': response10,
      'HeadersTooLarge': response11,
      'ServerFault': response12,
      'Unavailable': response13,
    },
  },
  updateOAuthApp: {
    method: 'patch',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'OAuthApp': response14,
      'NameAndMetadata': response26,
      'NewSecret': response27,
      'MalformedRequest': response4,
      'Unauthorized': response5,
      'Forbidden': response17,
      'NotFound': response24,
      'MethodNotAllowed': response25,
      'RequestTimeout': response8,
      'PreconditionFailed': response28,
      'ContentTooLarge': response20,
      'UnsupportedMediaType': response21,
      'ValidationFailed': response22,
      'TooManyRequests': response10,
      'HeadersTooLarge': response11,
      'ServerFault': response12,
      'Unavailable': response13,
    },
  },
  deleteOAuthApp: {
    method: 'delete',
    path: '/v1/oauth-apps/{id}',
    examples: {
      'DeletedOAuthApp': response29,
      'MalformedRequest': response4,
      'Unauthorized': response5,
      'Forbidden': response17,
      'NotFound': response24,
      'MethodNotAllowed': response25,
      'RequestTimeout': response8,
      'PreconditionFailed': response28,
      'ValidationFailed': response9,
      'TooManyRequests': response10,
      'HeadersTooLarge': response11,
      'ServerFault': response12,
      'Unavailable': response13,
    },
  },
};
