// Generated from openapi/ by `npm run generate`. Do not edit.

export * from './lists.ts';

/** The version of the description. */
export const version = '0.2.0';

/** The limits for which JSON Schema has no keyword. */
export const limits = {
  bodyBytes: 65536,
  metadataFilterText: {
    properties: 32,
  },
  metadata: {
    bytes: 16384,
    depth: 32,
    values: 2000,
  },
} as const;

/** The levels of objects and arrays that a request body may have, including the outermost one. */
export const maxBodyDepth = 33;

/** The problems of the description, by the name of their example. */
export const problems = {
  MalformedRequest: {
    type: 'urn:oauth-apps:problem:malformed-request',
    title: 'Malformed request',
    status: 400,
    summary: 'Your request is invalid.',
  },
  Unauthorized: {
    type: 'urn:oauth-apps:problem:unauthorized',
    title: 'Unauthorized',
    status: 401,
    summary: 'Your API key is wrong.',
  },
  Forbidden: {
    type: 'urn:oauth-apps:problem:forbidden',
    title: 'Forbidden',
    status: 403,
    summary: 'The token lacks the scope that the request needs.',
  },
  MethodNotAllowed: {
    type: 'urn:oauth-apps:problem:method-not-allowed',
    title: 'Method not allowed',
    status: 405,
    summary: 'This URL does not support that method. See Allow.',
  },
  RequestTimeout: {
    type: 'urn:oauth-apps:problem:request-timeout',
    title: 'Request timeout',
    status: 408,
    summary: 'The request did not arrive in time.',
  },
  ValidationFailed: {
    type: 'urn:oauth-apps:problem:validation-failed',
    title: 'Validation failed',
    status: 422,
    summary: 'Your request failed validation.',
  },
  TooManyRequests: {
    type: 'urn:oauth-apps:problem:too-many-requests',
    title: 'Too many requests',
    status: 429,
    summary: 'Too many requests with this token. See Retry-After.',
  },
  HeadersTooLarge: {
    type: 'urn:oauth-apps:problem:headers-too-large',
    title: 'Headers too large',
    status: 431,
    summary: 'The request line and the headers are larger than this API accepts.',
  },
  ServerFault: {
    type: 'urn:oauth-apps:problem:server-fault',
    title: 'Server fault',
    status: 500,
    summary: 'The server failed. Nothing was changed.',
  },
  Unavailable: {
    type: 'urn:oauth-apps:problem:unavailable',
    title: 'Unavailable',
    status: 503,
    summary: 'The server is unavailable. Retry later.',
  },
  RequestInFlight: {
    type: 'urn:oauth-apps:problem:request-in-flight',
    title: 'Request in flight',
    status: 409,
    summary: 'The first request with this Idempotency-Key is still in flight.',
  },
  AccountFull: {
    type: 'urn:oauth-apps:problem:account-full',
    title: 'Account full',
    status: 409,
    summary: 'The account has reached its limit of OAuth apps.',
  },
  ContentTooLarge: {
    type: 'urn:oauth-apps:problem:content-too-large',
    title: 'Content too large',
    status: 413,
    summary: 'The body is larger than this API accepts.',
  },
  UnsupportedMediaType: {
    type: 'urn:oauth-apps:problem:unsupported-media-type',
    title: 'Unsupported media type',
    status: 415,
    summary: 'Send the body as application/json in UTF-8, uncompressed.',
  },
  NotFound: {
    type: 'urn:oauth-apps:problem:not-found',
    title: 'Not found',
    status: 404,
    summary: 'The specified object could not be found.',
  },
  PreconditionFailed: {
    type: 'urn:oauth-apps:problem:precondition-failed',
    title: 'Precondition failed',
    status: 412,
    summary: 'The OAuth app has changed. Get it again.',
  },
} as const;

/** The message of each pattern, for a value that does not match. */
export const patternMessages: Readonly<Record<string, string>> = {
  '^[* \t\n\u000b\f\r ]*[^* \t\n\u000b\f\r \u0000][^\u0000]*$': 'must not be made only of asterisks and white space',
  '^[^\u0000]*$': 'must not contain U+0000',
  '^(\\*|(W/)?["][!#-~]*["]([ \t]*,[ \t]*(W/)?["][!#-~]*["])*)$': 'must be one or more entity tags, each in double quotes, or *',
};
