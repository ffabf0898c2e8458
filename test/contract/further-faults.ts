import {
  alterApps,
  alterField,
  alterQuery,
  alterText,
  authorizationOf,
  changeApps,
  changeHeader,
  emptyLists,
  ignoreParameter,
  isForeign,
  removeHeader,
  type Tokens,
} from '../helpers/fault-builders.ts';
import { alterRequest, alterResponse, deriveRequest, type FaultInjector } from '../helpers/faulty-fetch.ts';
import * as values from '../helpers/value-faults.ts';
import { faultsOf, type ServerFault } from './server-fault.ts';

/** Seeded faults of what is stored, compared, versioned and shown: small slips that other checks look past. */

export const furtherFaults: readonly ServerFault[] = [
  ...faultsOf('conditional_requests', [
    ['every read has another ETag', /different ETags/, values.countETags],
    [
      'the ETag ignores metadata',
      /does not change the ETag/,
      values.hashETag(({ id, name, client_id }) => [id, name, client_id]),
    ],
    [
      'delete ignores If-Match',
      /another version .* 200/,
      alterRequest(['delete'], ({ headers }) => headers.delete('if-match')),
    ],
    ['update has the ETag of before', /does not change the ETag/, values.keepETag],
  ]),
  ...faultsOf('read_your_writes', [
    ['metadata keys are lower case', /request in metadata/, values.renameKeys((name) => name.toLowerCase())],
    ['metadata keys are trimmed', /request in metadata/, values.renameKeys((name) => name.trim())],
    [
      'numbers are single precision',
      /request in metadata/,
      values.mapMetadata((value) => (typeof value === 'number' ? Math.fround(value) : value)),
    ],
    [
      'nested arrays are flattened',
      /request in metadata/,
      values.mapMetadata((value) => (Array.isArray(value) ? value.flat(8) : value)),
    ],
    ['empty strings become null', /request in metadata/, values.mapMetadata((value) => (value === '' ? null : value))],
    ['null is dropped from metadata', /request in metadata/, values.dropValues((value) => value === null)],
    [
      'false is dropped from metadata',
      /request in metadata/,
      values.dropValues((value) => value === false || value === 0 || value === ''),
    ],
    [
      'empty arrays are dropped',
      /request in metadata/,
      values.dropValues((value) => Array.isArray(value) && value.length === 0),
    ],
    [
      'metadata texts are normalised',
      /request in metadata/,
      values.mapMetadata((value) => (typeof value === 'string' ? value.normalize('NFKC') : value)),
    ],
    ['the client_id is lower case', /request in client_id/, alterText('client_id', (id) => id.toLowerCase())],
    ['names lose markup', /request in name/, alterText('name', (name) => name.replaceAll(/<[^>]*>/g, ''))],
    [
      'long secrets are truncated',
      /a different secret than/,
      alterText('client_secret', (secret) => secret.slice(0, 100)),
    ],
    ['get shows another created_at', /shows another created_at/, values.touchOnRead],
    ['the list shows empty metadata', /metadata/, changeApps(['list'], () => ({ metadata: {} }))],
    ['secrets are hidden in filtered lists', /does not show secrets in full/, values.hideFiltered],
  ]),
  ...faultsOf('partial_update', [
    ['the list shows the old name', /the list has an unexpected name/, values.staleList],
    ['updated_at goes back', /updated_at/, changeApps(['update'], () => ({ updated_at: '2020-01-01T00:00:00Z' }))],
    ['update responds with the app of before', /the response has an unexpected/, values.respondBefore],
    [
      'update responds with another id',
      /unexpected id/,
      changeApps(['update'], { id: '11111111-1111-4111-8111-111111111111' }),
    ],
    ['get is stale after an update', /a later read has an unexpected/, values.staleGet],
  ]),
  ...faultsOf('stable_paging', [
    ['pages have one app more', /page with limit=3 has 4/, ignoreParameter('limit', '3', '4')],
    [
      'lists have each app twice',
      /contains an app twice/,
      alterResponse(['list'], ({ body }) => body?.data?.push(...body.data)),
    ],
    [
      'apps of one second are sorted by id',
      /another order/,
      alterResponse(['list'], ({ body }) =>
        body?.data?.sort((a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)),
      ),
    ],
    ['a full last page has a next_cursor', /has a next_cursor/, values.cursorOfFullPage],
    [
      'cursors of another account are accepted',
      /another account .* 200/,
      (tokens: Tokens) =>
        alterRequest(['list'], (request) => {
          if (isForeign(request, tokens) && request.url.searchParams.has('cursor'))
            alterQuery(request, 'cursor', () => null);
        }),
    ],
  ]),
  ...faultsOf('negative_data_rejection', [
    [
      'client_id in an update is ignored',
      /unexpected field client_id/,
      alterField(['update'], 'client_id', () => undefined),
    ],
    [
      'providers are compared without case',
      /other letters .* 200/,
      alterField(['create'], 'provider', (value) => (typeof value === 'string' ? value.toLowerCase() : value)),
    ],
    [
      'the provider filter ignores case',
      /other letters .* 200/,
      alterRequest(['list'], (request) => alterQuery(request, 'provider', (value) => value.toLowerCase())),
    ],
    ['a name is cut at U+0000', /U\+0000/, alterText('name', (name) => name.split('\u0000')[0] ?? '')],
    [
      '__proto__ is dropped',
      /__proto__/,
      alterRequest(['create', 'update'], (request) => {
        if (request.text.includes('"__proto__"')) {
          request.text = request.text.replace('{"__proto__":{"a":1}}', '{}');
          request.body = JSON.parse(request.text);
        }
      }),
    ],
    [
      'null in an update is ignored',
      /^null in/,
      alterRequest(['update'], ({ body }) => {
        if (body && typeof body === 'object')
          for (const [name, value] of Object.entries(body)) if (value === null) delete body[name];
      }),
    ],
    [
      'unknown health values find nothing',
      /outside the enum in health/,
      ignoreParameter('health.status', 'no-such-value', 'error'),
    ],
  ]),
  ...faultsOf('filter_semantics', [
    ['filters combine with OR', /another provider finds/, values.combineWithOr],
    [
      'metadata texts match without case',
      /other letters finds/,
      values.matchTexts((own, wanted) => own.toLowerCase() === wanted.toLowerCase()),
    ],
    [
      'metadata texts match by their start',
      /beginning of a text finds/,
      values.matchTexts((own, wanted) => own.startsWith(wanted)),
    ],
    [
      'a plus in a filter is a space',
      /does not find the app/,
      values.matchTexts((own, wanted) => own === wanted.replaceAll('+', ' ')),
    ],
    ['an empty metadata filter finds nothing', /does not/, emptyLists('metadata', '{}')],
  ]),
  ...faultsOf('secret_masking', [
    ['a header shows the secret', /shows a secret/, values.secretInHeader('x-debug')],
    [
      'a 404 shows the secret',
      /shows a secret/,
      alterResponse(['update'], ({ status, body }, request) => {
        if (status === 404 && body) body.summary = `not found: ${request.text}`;
      }),
    ],
    [
      'a create without metadata shows the secret',
      /shows a secret/,
      alterResponse(['create'], ({ body, status }, request) => {
        if (status === 200 && body && request.body?.metadata === undefined)
          body.client_secret = request.body?.client_secret;
      }),
    ],
    [
      'the mask is as long as the secret in lists',
      /not ten asterisks/,
      alterResponse(
        ['list'],
        alterApps((app) => {
          if (app.client_secret === '*'.repeat(10)) app.client_secret = '*'.repeat(12);
        }),
      ),
    ],
  ]),
  ...faultsOf('idempotent_repeats', [
    ['a repeated request gets 409', /repeated request/, values.conflictOnRepeat],
    ['a key compares the name alone', /another body .* 20/, values.compareNames],
  ]),
  ...faultsOf('response_headers_conformance', [
    ['304 has no ETag', /ETag is missing/, removeHeader('etag', 304)],
    [
      'HEAD has no ETag',
      /ETag is missing/,
      alterResponse('all', ({ headers }, { method }) => {
        if (method === 'HEAD') headers.delete('etag');
      }),
    ],
    [
      'full secrets may be cached',
      /Cache-Control lets/,
      alterResponse(['list'], ({ headers }, { url }) => {
        if (url.searchParams.get('truncate_secrets') === 'false') headers.set('cache-control', 'private, max-age=60');
      }),
    ],
    ['429 lacks Retry-After', /Retry-After is missing/, values.limitOnce],
  ]),
  ...faultsOf('content_type_conformance', [
    [
      'apps are in ISO 8859-1',
      /charset|ISO/i,
      changeHeader('content-type', 'application/json; charset=iso-8859-1', 200),
    ],
    ['responses say gzip', /encoding/, alterResponse('all', ({ headers }) => headers.set('content-encoding', 'gzip'))],
  ]),
  ...faultsOf('allow_header_conformance', [
    [
      'Allow of an app lacks DELETE',
      /^Allow lacks.* DELETE/,
      alterResponse('all', ({ headers }, { id }) => {
        if (id !== undefined && headers.has('allow')) headers.set('allow', 'GET, HEAD, PATCH, OPTIONS');
      }),
    ],
  ]),
  ...faultsOf('status_code_conformance', [['deleted apps get 410', /^410 is not documented/, values.goneAfterDelete]]),
  ...faultsOf('positive_data_acceptance', [
    ['workday lists are rejected', /workday was rejected/, ignoreParameter('provider', 'workday', 'none')],
    [
      'empty updates are rejected',
      /an update of no field was rejected/,
      alterRequest(['update'], (request) => {
        if (request.text === '{}') request.body = { name: '' };
      }),
    ],
    [
      'a name of one letter is rejected',
      /^a valid body was rejected/,
      alterText('name', (name) => (name.length < 2 ? '\u0000' : name)),
    ],
    [
      'emoji count twice',
      /^a valid body was rejected/,
      alterText('name', (name) => (name.length > 255 ? `${name}${name}` : name)),
    ],
    [
      'schemes are compared with case',
      /other letters/,
      alterRequest('all', ({ headers }) => {
        if (/^bearer /.test(authorizationOf({ headers } as never))) headers.delete('authorization');
      }),
    ],
  ]),
  ...faultsOf('unsupported_method', [['HEAD has another ETag', /HEAD and GET have different/, values.changeHeadETag]]),
  ...faultsOf('account_isolation', [
    ['keys are shared by accounts', /another account/, values.shareKeys],
    [
      'another account may say it deleted',
      /got 200 instead of 404/,
      (tokens: Tokens): FaultInjector =>
        async (request, send) => {
          const response = await send(request);
          if (request.verb !== 'delete' || !isForeign(request, tokens) || response.status !== 404) return response;
          return { ...response, status: 200, body: { id: request.id, deleted: true } };
        },
    ],
    [
      'filtered lists show other accounts',
      /another account's app/,
      (tokens: Tokens): FaultInjector =>
        async (request, send) => {
          if (request.verb === 'list' && isForeign(request, tokens) && request.url.search !== '') {
            const own = deriveRequest(request, 'list');
            own.headers.set('authorization', `Bearer ${tokens.token}`);
            own.url.search = request.url.search;
            return send(own);
          }
          return send(request);
        },
    ],
  ]),
];
