import { hashToken } from '../../server/keys/tokens.ts';

/** The changes of one request, compared with a valid request without a token. */
export interface RequestVariant {
  /** Additional header lines, separated by CRLF. */
  header?: string;
  target?: (path: string) => string;
  method?: string;
  version?: string;
  isChunked?: boolean;
}

const bearer = (value: string) => `Authorization: Bearer ${value}`;
const wrongToken = 'oar_wrong';

/** Lists requests with an invalid bearer token: variants of a valid one, a revoked one, repeated headers. */
export function listInvalidTokens(token: string, revoked: string): RequestVariant[] {
  const typo = token.slice(0, 10) + (token[10] === 'x' ? 'y' : 'x') + token.slice(11);
  const values = [
    ...['', ' ', wrongToken, typo, revoked, token.slice(0, -1), token.slice(4), `${token}x`, `${token}=`],
    ...[`${token} x`, `${token},`, `"${token}"`, `${token}%20`, `${token}\t${token}`, `Bearer ${token}`],
    ...[token.toUpperCase(), `${token}\xa0`, hashToken(token), 'null', "' OR 1=1 --", '*', 'x'.repeat(8_000)],
  ].map(bearer);
  const repeated = [
    ...[`${bearer(token)}\r\n${bearer(wrongToken)}`, `${bearer(wrongToken)}\r\n${bearer(token)}`],
    ...[`${bearer(token)}\r\n${bearer(token)}`, `${bearer(token)}\r\nAuthorization: Basic eDp5`],
  ];
  const spellings = [
    ...[`authorization: bearer ${wrongToken}`, `AUTHORIZATION: BEARER ${wrongToken}`],
    ...[`Authorization: Bearer\t${token}`, 'Authorization: Bearer'],
  ];
  return [...values, ...repeated, ...spellings].map((header) => ({ header }));
}

/** Lists requests without a bearer token: with a valid token in other places, and with attempts to bypass authentication. */
export function listMissingTokens(token: string): RequestVariant[] {
  const schemes = ['', ' ', token, `Token ${token}`, `Basic bearer ${token}`, `Basic ${btoa(`${token}:`)}`];
  const otherSchemes = [`Digest ${token}`, `Bearer-${token}`, `xBearer ${token}`, `, Bearer ${token}`];
  const headers = [
    ...[...schemes, ...otherSchemes].map((value) => `Authorization: ${value}`),
    ...['X-Nothing: 1', `Cookie: token=${token}; Authorization=Bearer ${token}`, `X-API-Key: ${token}`],
    ...[`Proxy-Authorization: Bearer ${token}`, `Trailer: ${bearer(token)}`, `X-Forwarded-Authorization: ${token}`],
    ...['X-Forwarded-For: 127.0.0.1', 'X-Forwarded-User: default', 'X-Forwarded-Host: localhost'],
    ...['X-Original-URL: /openapi.json', 'X-Rewrite-URL: /healthz', 'Forwarded: for=127.0.0.1', 'Upgrade: websocket'],
    ...['X-HTTP-Method-Override: GET', 'X-HTTP-Method: OPTIONS', 'Expect: access', 'Host: other'],
    ...[`X-Folded: 1\r\n ${bearer(token)}`, `Authorization : Bearer ${token}`, `Authorization\0: Bearer ${token}`],
    ...[`Authorization:\r\n Bearer ${token}`, `:${bearer(token)}`],
  ];
  return [
    ...headers.map((header) => ({ header })),
    ...listTargets(token).map((target) => ({ target })),
    ...['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'QUERY', 'get', 'PROPFIND'].map((method) => ({ method })),
    ...['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', ''].map((version) => ({ version })),
    { isChunked: true },
  ];
}

/** Lists other spellings of a path, and targets that combine it with a public page. */
const listTargets = (token: string): ((path: string) => string)[] => [
  (path) => `${path}?access_token=${token}`,
  (path) => `${path}?Authorization=Bearer%20${token}`,
  (path) => `http://localhost${path}`,
  (path) => `http://x:${token}@localhost${path}`,
  (path) => `//localhost${path}`,
  (path) => `${path}#/openapi.json`,
  (path) => `/openapi.json#${path}`,
  (path) => path.replace('/v1/', '/v1%2F'),
  (path) => path.replaceAll('/', '%2f'),
  (path) => `/${path}`,
  (path) => path.replace('/v1/', '/v1//'),
  (path) => path.replace('/v1/', '/v1/../v1/'),
  (path) => path.replace('/v1/', '/v1/%2e%2e/v1/'),
  (path) => `/healthz/..${path}`,
  (path) => `/healthz;${path}`,
  (path) => `/openapi.json/../${path}`,
  (path) => path.toUpperCase(),
  (path) => path.replace('oauth', '%6fauth'),
  (path) => `${path}/`,
  (path) => `${path}.json`,
  (path) => `${path};x=1`,
  (path) => `${path}%00`,
  (path) => `${path}%`,
  (path) => `\\${path}`,
  (path) => `*${path}`,
  (path) => path.slice(1),
];
