import type { CheckName } from '../conformance/index.ts';
import type { Slip, Verb } from '../helpers/faulty.ts';
import * as odd from '../helpers/odd-slips.ts';
import * as slips from '../helpers/slips.ts';

const { complaining, confusing, heading, hiding, ignoring, overlooking, showing, spoiling, taking, turning } = slips;

/** A mistake of a server, as a fact; the check that has to name it, and what its finding says. */
export interface Fault {
  readonly name: string;
  readonly check: CheckName;
  readonly says: RegExp;
  /** Made anew for each run, for it may remember something. */
  readonly makeSlip: (tokens: slips.Tokens) => Slip;
}

type Row = readonly [name: string, says: RegExp, slip: Slip | Fault['makeSlip']];

/** A slip takes two arguments; what makes one takes one at most. */
const isSlip = (given: Row[2]): given is Slip => given.length === 2;

const faultsOf = (check: CheckName, rows: readonly Row[]): Fault[] =>
  rows.map(([name, says, given]) => ({ name, check, says, makeSlip: isSlip(given) ? () => given : given }));

const one: readonly Verb[] = ['create', 'get', 'update'];
const stars = (count: number) => '*'.repeat(count);
const cut = (text: string) => [...text].slice(0, 255).join('');
const keyOf = ({ headers }: { headers: Headers }) => headers.get('idempotency-key');
const both = (field: string) => (own: Record<string, unknown>, body: Record<string, unknown>) =>
  body[field] ? { [field]: { ...(own[field] as object), ...(body[field] as object) } } : {};

/** Every seeded fault. */
export const faults: readonly Fault[] = [
  ...faultsOf('status_code_conformance', [
    ['create answers 201', /^201 is not documented/, turning(['create'], 200, 201)],
    ['create answers 418 to bad bodies', /^418 is not documented/, turning(['create'], 422, 418)],
    ['an unknown id is found', /^the unknown id .* with 200/, turning(['get'], 404, 200)],
  ]),
  ...faultsOf('not_a_server_error', [
    ['update fails', /^the server failed with 500/, turning(['update'], 200, 500)],
    ['PUT fails', /^the server failed with 500/, turning(['none'], 405, 500)],
    ['every fortieth request fails', /^the server failed with 503/, odd.failingNowAndThen(40)],
    ['malformed JSON ends the connection', /^no answer came: ECONNRESET/, odd.hangingUp('{"name":')],
  ]),
  ...faultsOf('unsupported_method', [
    ['HEAD is refused', /^HEAD is answered with 405/, odd.refusingHead],
    ['PUT reads the app', /^PUT is answered with 200/, odd.takingPut],
    ['OPTIONS answers 202', /^OPTIONS is answered with 202/, turning('all', 204, 202)],
  ]),
  ...faultsOf('response_schema_conformance', [
    ['create drops metadata', /property 'metadata'/, showing(['create'], { metadata: undefined })],
    ['list drops updated_at', /property 'updated_at'/, showing(['list'], { updated_at: undefined })],
    ['get shows an extra field', /^owner is not in the description/, showing(['get'], { owner: 1 })],
    ['created_at is a number', /created_at must be string/, showing(one, { created_at: 1 })],
    ['times have no zone', /updated_at must match format/, showing(one, { updated_at: '2026-01-01 00:00:00' })],
    ['metadata is null', /metadata must be object/, showing(['list'], { metadata: null })],
    ['get wraps the app', /property 'id'/, odd.wrapping],
    ['list is a bare array', /^the body must be object/, odd.unwrapping],
  ]),
  ...faultsOf('content_type_conformance', [
    ['apps are text/html', /^the answer is text\/html/, heading('content-type', 'text/html', 200)],
  ]),
  ...faultsOf('response_headers_conformance', [
    ['Cache-Control is missing', /Cache-Control is missing/, hiding('cache-control')],
    ['answers may be cached', /Cache-Control lets caches/, heading('cache-control', 'public')],
    ['X-Request-Id is missing', /X-Request-Id is missing/, hiding('x-request-id')],
    ['X-Request-Id is a number', /X-Request-Id: .*uuid/, heading('x-request-id', '7')],
    ['get has no ETag', /ETag is missing/, hiding('etag', 200, ['get'])],
    ['ETag is weak', /ETag is no strong/, heading('etag', 'W/"1"')],
    ['WWW-Authenticate is missing', /WWW-Authenticate is missing/, hiding('www-authenticate')],
    ['the challenge is Basic', /WWW-Authenticate is no Bearer/, heading('www-authenticate', 'Basic')],
  ]),
  ...faultsOf('allow_header_conformance', [
    ['405 has no Allow', /^Allow lacks GET/, hiding('allow', 405)],
    ['OPTIONS has no Allow', /^Allow lacks GET/, hiding('allow', 204)],
    ['Allow forgets POST', /^Allow lacks POST/, heading('allow', 'GET, HEAD, OPTIONS')],
    ['Allow names PUT', /^Allow names PUT/, heading('allow', 'GET, HEAD, POST, PUT')],
  ]),
  ...faultsOf('problem_shape', [
    ['422 lacks validation_errors', /property 'validation_errors'/, complaining({ validation_errors: undefined }, 422)],
    ['422 names no field', /without naming/, odd.misnamingFields],
    ['problems lack the summary', /property 'summary'/, complaining({ summary: undefined })],
    ['problems have another status', /^the problem says status 400/, complaining({ status: 400 })],
    ['problems have another instance', /^instance is not/, complaining({ instance: `urn:uuid:${'0'.repeat(36)}` })],
    ['404 is text/html', /^the answer is text\/html/, heading('content-type', 'text/html', 404)],
    ['401 is plain JSON', /^the answer is application\/json/, heading('content-type', 'application/json', 401)],
  ]),
  ...faultsOf('secret_masking', [
    ['create shows the secret', /^createOAuthApp shows a secret/, slips.unmasking('create')],
    ['get shows the secret', /^getOAuthApp shows a secret/, slips.unmasking('get')],
    ['update shows the secret', /^updateOAuthApp shows a secret/, slips.unmasking('update')],
    ['list shows the secret', /^listOAuthApps shows a secret/, slips.unmasking('list')],
    ['the mask is as long as the secret', /not ten asterisks/, showing(one, { client_secret: stars(36) })],
    ['the mask keeps the last letters', /not ten asterisks/, showing(['get'], { client_secret: `${stars(6)}9fa2` })],
    ['truncate_secrets=True reveals', /^listOAuthApps shows a/, ignoring('truncate_secrets', 'True', 'false')],
    ['422 repeats the body', /^createOAuthApp shows a secret/, odd.echoing],
  ]),
  ...faultsOf('filter_semantics', [
    ['the provider filter is ignored', /by another provider finds/, ignoring('provider')],
    ['the metadata filter is ignored', /by another value finds/, ignoring('metadata')],
    ['the health filter is ignored', /lists apps of another health/, ignoring('health.status')],
    ['the health filter finds nothing', /misses an app of that health/, slips.emptying('health.status')],
    ['workday apps are not found', /workday does not find/, slips.emptying('provider', 'workday')],
    [
      'metadata types do not matter',
      /another type finds/,
      slips.matching(slips.every((a, b) => String(a) === String(b))),
    ],
    ['nested metadata matches in part', /in part finds/, slips.matching(slips.every(slips.hasWithin))],
    [
      'null matches what is missing',
      /missing finds/,
      slips.matching((own, wanted) => slips.every((a, b) => (a ?? null) === b)({ missing: null, ...own }, wanted)),
    ],
    [
      'either of two properties will do',
      /one wrong value finds/,
      slips.matching((own, wanted) => Object.entries(wanted).some(([name, value]) => own[name] === value)),
    ],
  ]),
  ...faultsOf('positive_data_acceptance', [
    ['filters cannot be combined', /^a valid query is refused with 422/, odd.refusingTwo],
    ['limit=1000 is refused', /^limit=1000 is refused/, ignoring('limit', '1000', '1001')],
    ['linear is refused', /^a valid (body|app) is refused with 422/, taking('provider', 'linear', 'none')],
    [
      'long names are refused',
      /^a valid body is refused with 422/,
      spoiling('name', (name) => (name.length > 200 ? name + name : name)),
    ],
    ['long keys are refused', /^the longest key is refused/, odd.lengtheningKeys],
  ]),
  ...faultsOf('partial_update', [
    ['update merges metadata', /unexpected metadata/, slips.updating((body, app) => both('metadata')(app, body))],
    ['update resets metadata', /unexpected metadata/, slips.updating(({ metadata = {} }) => ({ metadata }))],
    ['update resets the name', /unexpected name/, slips.updating(({ name = 'Unnamed' }) => ({ name }))],
    [
      'update changes the secret by itself',
      /unexpected client_secret/,
      slips.updating(({ client_secret = 'new' }) => ({ client_secret })),
    ],
    [
      'update forgets a new secret',
      /unexpected client_secret/,
      slips.storing(['update'], 'client_secret', () => undefined),
    ],
    ['update moves created_at', /unexpected created_at/, showing(['update'], { created_at: '2020-01-01T00:00:00Z' })],
    ['update changes every app', /changes another app/, slips.spreading('update')],
  ]),
  ...faultsOf('read_your_writes', [
    ['names are trimmed', /another name than/, spoiling('name', (name) => name.trim())],
    ['names are normalised', /another name than/, spoiling('name', (name) => name.normalize('NFC'))],
    ['secrets are trimmed', /another secret than/, spoiling('client_secret', (secret) => secret.trim())],
    ['42 becomes text', /another metadata than/, slips.spoilingMetadata((value) => (value === 42 ? '42' : value))],
    [
      'deep metadata becomes text',
      /another metadata than/,
      slips.spoilingMetadata((value) => (typeof value === 'object' ? JSON.stringify(value) : value)),
    ],
    ['client_id becomes the id', /another client_id than/, showing(one, ({ id }) => ({ client_id: id }))],
    ['the same body makes one app', /^two creates made one app/, slips.remembering('create', ({ text }) => text)],
  ]),
  ...faultsOf('ensure_resource_availability', [
    ['the newest app is not listed', /not listed right after/, odd.hidingNewest],
    ['every id shows the same app', /^another app is shown/, slips.remembering('get', () => '')],
    ['delete takes every app along', /that is there is answered with 404/, slips.spreading('delete')],
  ]),
  ...faultsOf('use_after_free', [
    ['deleted apps can be read', /^getOAuthApp answers 200/, odd.haunting('get')],
    ['deleted apps are listed', /^a deleted app is listed/, odd.haunting('list')],
    ['delete does nothing', /^getOAuthApp answers 200/, odd.pretending],
    ['deleting again succeeds', /^deleteOAuthApp answers 200/, turning(['delete'], 404, 200)],
    ['delete names another id', /names another app/, showing(['delete'], { id: 'another' })],
  ]),
  ...faultsOf('negative_data_rejection', [
    ['malformed JSON is 422', /^a body that is not JSON .* 422/, turning('all', 400, 422)],
    ['large bodies are 400', /^a body that is too large .* 400/, turning('all', 413, 400)],
    ['text/plain is taken', /^another media type .* 200/, odd.takingPlainText],
    ['unknown body fields are ignored', /^a foreign field in no_such_field/, taking('no_such_field', 'x', undefined)],
    [
      'provider in an update is ignored',
      /^a foreign field in provider/,
      taking('provider', 'x', undefined, ['update']),
    ],
    ['unknown parameters are ignored', /^an unknown query parameter/, ignoring('no_such_parameter')],
    ['empty names are taken', /^an empty string in name/, taking('name', '', 'x')],
    ['long names are cut', /^one character too many in name/, spoiling('name', cut)],
    ['unknown providers are taken', /outside the list in provider/, taking('provider', 'no-such-value', 'stripe')],
    ['unknown providers find nothing', /outside the list in provider/, ignoring('provider', 'no-such-value', 'auth0')],
    ['null metadata is taken', /^null in metadata/, taking('metadata', null, undefined)],
    ['a missing name is filled in', /^nothing in name/, taking('name', undefined, 'x', ['create'])],
    ['the mask is stored', /^the mask in client_secret/, taking('client_secret', stars(10), 'x')],
    ['numbers become names', /^integer in name/, taking('name', 42, '42')],
    ['names given twice are taken', /given twice in metadata/, odd.takingDuplicates],
    ['limit=05 is taken', /^limit=05/, ignoring('limit', '05', '5')],
    ['a broken metadata filter is ignored', /^metadata=\{ is/, ignoring('metadata', '{')],
    ['a refused update changes the name', /refused, and changes/, slips.changingAnyway(422)],
  ]),
  ...faultsOf('missing_required_header', [
    [
      'no token is needed',
      /without a token .* 200/,
      ({ token }: slips.Tokens) => slips.trusting('all', token, (call) => slips.tokenOf(call) === ''),
    ],
  ]),
  ...faultsOf('ignored_auth', [
    ['any token will do', /^a wrong token .* 200/, ({ token }: slips.Tokens) => slips.trusting('all', token)],
    ['delete takes any token', /^a wrong token .* 200/, ({ token }: slips.Tokens) => slips.trusting(['delete'], token)],
    [
      'the start of a token will do',
      /one more character .* 200/,
      ({ token }: slips.Tokens) => slips.trusting('all', token, (call) => slips.tokenOf(call).includes(token)),
    ],
  ]),
  ...faultsOf('account_isolation', [
    ['others can read an app', /answered with 200, not 404/, confusing(['get'])],
    ['others can update an app', /answered with 200, not 404/, confusing(['update'])],
    ['others can delete an app', /answered with 200, not 404/, confusing(['delete'])],
    ['others see the list', /^another account's app is listed/, confusing(['list'])],
    ['others get 403', /answered with 403, not 404/, odd.forbidding],
    ['404 tells foreign from unknown', /differs from 404/, odd.telling],
  ]),
  ...faultsOf('conditional_requests', [
    ['If-Match is ignored', /another version .* 200/, overlooking('if-match')],
    ['weak tags match If-Match', /weak tag .* 200/, odd.matchingWeakly],
    ['the ETag never changes', /leaves the ETag/, heading('etag', '"1"')],
    ['304 is never sent', /with 200, not 304/, overlooking('if-none-match')],
    ['malformed tags are ignored', /malformed .* 200/, overlooking('if-match', 'no-quotes')],
    ['412 changes the app', /in spite of 412/, slips.changingAnyway(412)],
  ]),
  ...faultsOf('idempotent_repeats', [
    ['the key is ignored', /gets another answer/, overlooking('idempotency-key')],
    ['a key repeats for another body', /another body .* 200/, slips.remembering('create', keyOf)],
    ['a repeat makes a second app', /leaves 2 apps/, odd.repeatingTwice],
    ['keys may have blanks', /key with a blank .* 200/, overlooking('idempotency-key', 'a b')],
  ]),
  ...faultsOf('stable_paging', [
    ['pages repeat a row', /gave 8, 7 of them/, odd.repeatingRow],
    ['pages skip a row', /gave 6, 6 of them/, odd.skippingRow],
    ['the cursor never ends', /next_cursor after page 6/, odd.neverEnding],
    ['limit is ignored', /page of 3 has 7 apps/, ignoring('limit')],
    ['the cursor counts rows', /gave 6, 6 of them/, odd.counting],
    ['pages run backwards', /gave 7, 7 of them/, odd.reversing],
    ['forged cursors are taken', /made-up cursor .* 200/, ignoring('cursor', 'no-such-cursor')],
    ['changed cursors are taken', /was changed .* 200/, odd.trustingCursors],
  ]),
];
