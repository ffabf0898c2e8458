import { isDeepStrictEqual } from 'node:util';
import {
  acceptToken,
  acceptValue,
  alterField,
  alterMetadata,
  alterText,
  applyToAll,
  authorizationOf,
  changeApps,
  changeDespite,
  changeHeader,
  changeProblems,
  changeStatus,
  emptyLists,
  extendUpdates,
  filterMetadata,
  ignoreHeader,
  ignoreParameter,
  isPartOf,
  matchEvery,
  removeHeader,
  replayResponses,
  revealSecrets,
  shareAccounts,
  type Tokens,
} from '../helpers/fault-builders.ts';
import type { AlterableRequest, Verb } from '../helpers/faulty-fetch.ts';
import * as special from '../helpers/special-faults.ts';
import { furtherFaults } from './further-faults.ts';
import { faultsOf, type ServerFault } from './server-fault.ts';

const sameId = '00000000-0000-4000-8000-000000000000';
const itemVerbs: readonly Verb[] = ['create', 'get', 'update'];
const stars = (count: number) => '*'.repeat(count);
const truncate = (text: string) => [...text].slice(0, 255).join('');
const hasToken = (request: AlterableRequest) => /^Bearer \S/.test(authorizationOf(request));
const keyOf = ({ headers }: { headers: Headers }) => headers.get('idempotency-key');
const mergeMetadata = ({ metadata }: Record<string, unknown>, app: Record<string, unknown>) =>
  typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)
    ? { metadata: { ...(app.metadata as object), ...(metadata as object) } }
    : {};

/** Every seeded fault, by the check that has to report it. */
export const serverFaults: readonly ServerFault[] = [
  ...faultsOf('status_code_conformance', [
    ['create responds with 201', /^201 is not documented/, changeStatus(['create'], 200, 201)],
    ['create responds with 418 to invalid bodies', /^418 is not documented/, changeStatus(['create'], 422, 418)],
    ['get finds an unknown id', /^the unknown id .* got 200/, changeStatus(['get'], 404, 200)],
  ]),
  ...faultsOf('not_a_server_error', [
    ['update fails', /^the server failed with 500/, changeStatus(['update'], 200, 500)],
    ['PUT fails', /^the server failed with 500/, changeStatus(['none'], 405, 500)],
    ['every fortieth request fails', /^the server failed with 503/, special.failEvery(40)],
    ['a malformed id ends the connection', /^no response: ECONNRESET/, special.closeConnectionAt('/%zz')],
    ['malformed JSON closes the connection', /^no response: ECONNRESET/, special.closeConnectionFor('{"name":')],
  ]),
  ...faultsOf('unsupported_method', [
    ['HEAD is rejected', /^HEAD got 405/, special.rejectHead],
    ['PUT reads the app', /^PUT got 200/, special.acceptPut],
    ['OPTIONS responds with 202', /^OPTIONS got 202/, changeStatus('all', 204, 202)],
  ]),
  ...faultsOf('response_schema_conformance', [
    ['create omits metadata', /property 'metadata'/, changeApps(['create'], { metadata: undefined })],
    ['list omits updated_at', /property 'updated_at'/, changeApps(['list'], { updated_at: undefined })],
    ['get shows an extra field', /^owner is not in the description/, changeApps(['get'], { owner: 1 })],
    ['created_at is a number', /created_at must be string/, changeApps(itemVerbs, { created_at: 1 })],
    [
      'times have no zone',
      /updated_at must match format/,
      changeApps(itemVerbs, { updated_at: '2026-01-01 00:00:00' }),
    ],
    ['metadata is null', /metadata must be object/, changeApps(['list'], { metadata: null })],
    ['get wraps the app', /property 'id'/, special.wrapApp],
    ['list is a bare array', /^the body must be object/, special.unwrapList],
  ]),
  ...faultsOf('content_type_conformance', [
    ['apps are text/html', /^the media type is text\/html/, changeHeader('content-type', 'text/html', 200)],
  ]),
  ...faultsOf('response_headers_conformance', [
    ['Cache-Control is missing', /Cache-Control is missing/, removeHeader('cache-control')],
    ['responses may be cached', /Cache-Control lets caches/, changeHeader('cache-control', 'public')],
    ['X-Request-Id is missing', /X-Request-Id is missing/, removeHeader('x-request-id')],
    ['X-Request-Id is a number', /X-Request-Id: .*uuid/, changeHeader('x-request-id', '7')],
    ['get has no ETag', /ETag is missing/, removeHeader('etag', 200, ['get'])],
    ['ETag is weak', /ETag is not a strong/, special.weakenETags],
    ['WWW-Authenticate is missing', /WWW-Authenticate is missing/, removeHeader('www-authenticate')],
    ['every request has the same id', /is that of an earlier response/, changeHeader('x-request-id', sameId)],
    ['ETag is empty', /ETag is missing/, changeHeader('etag', '')],
    ['the challenge is Basic', /WWW-Authenticate is not a Bearer/, changeHeader('www-authenticate', 'Basic')],
  ]),
  ...faultsOf('allow_header_conformance', [
    ['405 lacks Allow', /^Allow lacks GET/, removeHeader('allow', 405)],
    ['OPTIONS lacks Allow', /^Allow lacks GET/, removeHeader('allow', 204)],
    ['Allow lacks POST', /^Allow lacks POST/, changeHeader('allow', 'GET, HEAD, OPTIONS')],
    ['Allow has PUT', /^Allow has PUT/, special.allowPut],
  ]),
  ...faultsOf('problem_shape', [
    [
      '422 lacks validation_errors',
      /property 'validation_errors'/,
      changeProblems({ validation_errors: undefined }, 422),
    ],
    ['422 names no field', /without naming/, special.misnameFields],
    ['problems lack the summary', /property 'summary'/, changeProblems({ summary: undefined })],
    ['problems have another status', /have the status 400/, changeProblems({ status: 400 })],
    [
      'problems have another instance',
      /^instance does not contain/,
      changeProblems({ instance: `urn:uuid:${'0'.repeat(36)}` }),
    ],
    ['404 is text/html', /^the media type is text\/html/, changeHeader('content-type', 'text/html', 404)],
    ['401 is application/json', /is application\/json/, changeHeader('content-type', 'application/json', 401)],
  ]),
  ...faultsOf('secret_masking', [
    ['create shows the secret', /^createOAuthApp shows a secret/, revealSecrets('create')],
    ['get shows the secret', /^getOAuthApp shows a secret/, revealSecrets('get')],
    ['update shows the secret', /^updateOAuthApp shows a secret/, revealSecrets('update')],
    ['list shows the secret', /^listOAuthApps shows a secret/, revealSecrets('list')],
    ['the mask is as long as the secret', /not ten asterisks/, changeApps(itemVerbs, { client_secret: stars(36) })],
    ['the mask shows four letters', /not ten asterisks/, changeApps(['get'], { client_secret: `${stars(6)}9fa2` })],
    ['truncate_secrets=True reveals', /^listOAuthApps shows a/, ignoreParameter('truncate_secrets', 'True', 'false')],
    ['422 repeats the request body', /^createOAuthApp shows a secret/, special.echoBody],
  ]),
  ...faultsOf('filter_semantics', [
    ['the provider filter is ignored', /by another provider finds/, ignoreParameter('provider')],
    ['the metadata filter is ignored', /by another value finds/, ignoreParameter('metadata')],
    ['the health filter is ignored', /lists apps with another health/, ignoreParameter('health.status')],
    ['the health filter finds nothing', /does not list an app with that health/, emptyLists('health.status')],
    ['workday apps are not found', /workday does not find/, emptyLists('provider', 'workday')],
    ['metadata types are ignored', /another type finds/, filterMetadata(matchEvery((a, b) => String(a) === String(b)))],
    ['nested metadata matches partially', /a nested object finds/, filterMetadata(matchEvery(isPartOf))],
    [
      'null matches a missing property',
      /missing property finds/,
      filterMetadata((own, wanted) => matchEvery(isDeepStrictEqual)({ missing: null, ...own }, wanted)),
    ],
    [
      'one of two properties is enough',
      /one wrong value finds/,
      filterMetadata((own, wanted) => Object.entries(wanted).some(([name, value]) => own[name] === value)),
    ],
  ]),
  ...faultsOf('positive_data_acceptance', [
    ['combined filters are rejected', /^a valid query was rejected with 422/, special.rejectTwoFilters],
    ['limit=1000 is rejected', /^limit=1000 was rejected/, ignoreParameter('limit', '1000', '1001')],
    ['linear is rejected', /^a valid (body|app) was rejected with 422/, acceptValue('provider', 'linear', 'none')],
    [
      'long names are rejected',
      /^a valid body was rejected with 422/,
      alterText('name', (name) => (name.length > 200 ? name + name : name)),
    ],
    ['long keys are rejected', /^the longest key was rejected/, special.lengthenKeys],
  ]),
  ...faultsOf('partial_update', [
    ['update merges metadata', /unexpected metadata/, extendUpdates(mergeMetadata)],
    ['update resets metadata', /unexpected metadata/, extendUpdates(({ metadata = {} }) => ({ metadata }))],
    ['update resets the name', /unexpected name/, extendUpdates(({ name = 'Unnamed' }) => ({ name }))],
    [
      'update changes an unsent secret',
      /unexpected client_secret/,
      extendUpdates(({ client_secret = 'new' }) => ({ client_secret })),
    ],
    [
      'update ignores a new secret',
      /unexpected client_secret/,
      alterField(['update'], 'client_secret', () => undefined),
    ],
    [
      'update changes created_at',
      /unexpected created_at/,
      changeApps(['update'], { created_at: '2020-01-01T00:00:00Z' }),
    ],
    ['update changes every app', /changes another app/, applyToAll('update')],
  ]),
  ...faultsOf('read_your_writes', [
    ['names are trimmed', /request in name/, alterText('name', (name) => name.trim())],
    ['names are normalised', /request in name/, alterText('name', (name) => name.normalize('NFC'))],
    ['secrets are trimmed', /a different secret than/, alterText('client_secret', (secret) => secret.trim())],
    ['42 becomes text', /request in metadata/, alterMetadata((value) => (value === 42 ? '42' : value))],
    [
      'deep metadata becomes text',
      /request in metadata/,
      alterMetadata((value) => (typeof value === 'object' ? JSON.stringify(value) : value)),
    ],
    ['client_id becomes the id', /request in client_id/, changeApps(itemVerbs, ({ id }) => ({ client_id: id }))],
    ['the same body creates one app', /returned the same id/, replayResponses('create', ({ text }) => text)],
  ]),
  ...faultsOf('ensure_resource_availability', [
    ['the newest app is not listed', /not listed right after/, special.omitNewestApp],
    ['every id shows the same app', /^the response shows a different app/, replayResponses('get', () => '')],
    ['delete deletes every app', /^an existing app got 404/, applyToAll('delete')],
  ]),
  ...faultsOf('use_after_free', [
    ['deleted apps can be read', /^getOAuthApp got 200/, special.showDeletedApps('get')],
    ['deleted apps are listed', /^the list contains a deleted app/, special.showDeletedApps('list')],
    ['delete does nothing', /^getOAuthApp got 200/, special.skipDelete],
    ['a second delete succeeds', /^deleteOAuthApp got 200/, special.deleteAgain],
    ['delete responds with another id', /has a different id/, changeApps(['delete'], { id: 'another' })],
  ]),
  ...faultsOf('negative_data_rejection', [
    ['malformed JSON is 422', /^a body that is not JSON .* 422/, changeStatus('all', 400, 422)],
    ['large bodies are 400', /^a body that is too large .* 400/, changeStatus('all', 413, 400)],
    ['text/plain is accepted', /^another media type .* 200/, special.acceptPlainText],
    ['unknown body fields are ignored', /^the unexpected field no_such/, acceptValue('no_such_field', 'x', undefined)],
    [
      'provider in an update is ignored',
      /^the unexpected field provider/,
      acceptValue('provider', 'x', undefined, ['update']),
    ],
    ['unknown parameters are ignored', /^an unknown query parameter/, ignoreParameter('no_such_parameter')],
    ['empty names are accepted', /^an empty string in name/, acceptValue('name', '', 'x')],
    ['long names are truncated', /^one character too many in name/, alterText('name', truncate)],
    [
      'unknown providers are accepted',
      /outside the enum in provider/,
      acceptValue('provider', 'no-such-value', 'stripe'),
    ],
    [
      'unknown providers find nothing',
      /outside the enum in provider/,
      ignoreParameter('provider', 'no-such-value', 'auth0'),
    ],
    ['null metadata is accepted', /^null in metadata/, acceptValue('metadata', null, undefined)],
    ['a missing name gets a default', /^the missing field name/, acceptValue('name', undefined, 'x', ['create'])],
    ['the mask is stored', /^the mask in client_secret/, acceptValue('client_secret', stars(10), 'x')],
    ['numbers are accepted as names', /^an integer in name/, acceptValue('name', 42, '42')],
    ['duplicate names are accepted', /^a duplicate name in metadata/, special.acceptDuplicateNames],
    ['limit=05 is accepted', /^limit=05/, ignoreParameter('limit', '05', '5')],
    ['limit is read as any number', /^limit=0x10 got 200/, special.readAnyNumber],
    ['truncate_secrets is read from any text', /^truncate_secrets=no got 200/, special.readAnyBoolean],
    ['a malformed metadata filter is ignored', /^metadata=\{ got/, ignoreParameter('metadata', '{')],
    ['an empty body is an empty object', /^an empty body got 200/, special.acceptEmptyBody],
    ['a query that is not UTF-8 is ignored', /not UTF-8 got 200/, special.cutQuery('provider=%E0')],
    ['a parameter may be given twice', /given twice got 200/, special.cutQuery('&provider=')],
    ['any charset is accepted', /another charset got 200/, special.acceptCharset],
    ['a rejected update changes the name', /rejected and still changed/, changeDespite(422)],
  ]),
  ...faultsOf('missing_required_header', [
    [
      'no token is needed',
      /without a token .* 200/,
      ({ token }: Tokens) => acceptToken('all', token, (request) => authorizationOf(request) === ''),
    ],
  ]),
  ...faultsOf('ignored_auth', [
    ['any token is accepted', /^a wrong token .* 200/, ({ token }: Tokens) => acceptToken('all', token, hasToken)],
    [
      'delete accepts any token',
      /^a wrong token .* 200/,
      ({ token }: Tokens) => acceptToken(['delete'], token, hasToken),
    ],
    [
      'a token with a suffix is accepted',
      /one more character .* 200/,
      ({ token }: Tokens) => acceptToken('all', token, (request) => authorizationOf(request).includes(token)),
    ],
  ]),
  ...faultsOf('account_isolation', [
    ['another account can read an app', /got 200 instead of 404/, shareAccounts(['get'])],
    ['another account can update an app', /got 200 instead of 404/, shareAccounts(['update'])],
    ['another account can delete an app', /got 200 instead of 404/, shareAccounts(['delete'])],
    ['another account sees the list', /^the list contains another account's app/, shareAccounts(['list'])],
    ['another account gets 403', /got 403 instead of 404/, special.forbidForeignApps],
    ['404 differs for another account', /differs from 404/, special.explainForeignApps],
  ]),
  ...faultsOf('conditional_requests', [
    ['If-Match is ignored', /another version .* 200/, ignoreHeader('if-match')],
    ['weak ETags match If-Match', /weak ETag .* 200/, special.compareWeakly],
    ['the ETag never changes', /does not change the ETag/, changeHeader('etag', '"1"')],
    ['304 is never sent', /got 200 instead of 304/, ignoreHeader('if-none-match')],
    ['malformed ETags are ignored', /malformed .* 200/, ignoreHeader('if-match', 'no-quotes')],
    ['412 changes the app', /despite 412/, changeDespite(412)],
  ]),
  ...faultsOf('idempotent_repeats', [
    ['the key is ignored', /got a different response/, ignoreHeader('idempotency-key')],
    ['a key replays for another body', /another body .* 20/, replayResponses('create', keyOf)],
    ['a repeated request creates a second app', /left 2 apps/, special.createOnRepeat],
    ['keys with spaces are accepted', /key with a space .* 200/, ignoreHeader('idempotency-key', 'a b')],
  ]),
  ...faultsOf('stable_paging', [
    ['pages repeat a row', /gave 8, 7 of them/, special.repeatRow],
    ['pages skip a row', /gave 6, 6 of them/, special.skipRow],
    ['the last page has a next_cursor', /^page 6 of 3 has a next_cursor/, special.addNextCursor],
    ['limit is ignored', /page with limit=3 has \d+ apps/, ignoreParameter('limit')],
    ['the cursor is a row number', /gave 6, 6 of them/, special.useOffsetCursors],
    ['pages are in reverse order', /gave 7, 7 of them/, special.reverseLists],
    ['invented cursors are accepted', /invented cursor .* 200/, ignoreParameter('cursor', 'no-such-cursor')],
    ['altered cursors are accepted', /altered cursor .* 200/, special.acceptAlteredCursors],
  ]),
  ...furtherFaults,
];
