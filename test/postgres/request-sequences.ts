import fc from 'fast-check';
import { example } from '../helpers/examples.ts';

/** A request of a sequence. It refers to apps and pages by their number in the sequence. */
export interface Step {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** The number of the app in the path. A number without an app stands for an unknown id. */
  readonly app?: number;
  readonly query?: string;
  /** The number of the earlier page whose `next_cursor` is sent. */
  readonly page?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it has the token of another account. */
  readonly isForeign?: boolean;
  /** The milliseconds by which the clock advances before it. */
  readonly wait: number;
}

const valid = example('CreateOAuthApp');
const hour = 3_600_000;
const value = fc.constantFrom<unknown>(
  ...['prod', 'dev', 'PROD', '', '%', "'", 'é', 'e\u0301', '😀', '\uffff', 'a\\b', '\n', 'x'.repeat(3_000)],
  ...[1, 1.5, -0, 0, 1e21, 1e-7, 0.1, true, null, [], [1, [2]], {}, { a: { b: null } }, { __proto__x: 1 }],
);
const metadata = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(fc.constantFrom('env', 'n', 'Env', 'é', '$a', 'a.b', ''), value, { maxKeys: 3 }),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, [], 'text', { a: '\u0000' }, { a: 'x'.repeat(17_000) }) },
);
const text = fc.constantFrom(
  'Name',
  'name',
  ' ',
  'naïve 😀',
  "Robert'); --",
  '%_',
  '\u202e',
  '',
  '\u0000',
  'x'.repeat(256),
  '***',
);
const provider = fc.constantFrom('stripe', 'github', 'Stripe', 'other', '');
const fields = fc.record(
  { provider, client_id: text, client_secret: text, name: text, metadata, extra: fc.constant(1) },
  {
    requiredKeys: [],
  },
);
const tag = fc.constantFrom('*', '"v1"', '"v2"', '"v3"', '"v1", "v2"', 'W/"v1"', 'v1', '""');
const app = fc.nat(6);

/** Creates, most of them valid. */
const create = fc
  .record({
    change: fc.oneof(
      { weight: 5, arbitrary: fc.record({ metadata, provider: fc.constantFrom('stripe', 'github') }) },
      { weight: 1, arbitrary: fields },
    ),
    key: fc.option(fc.constantFrom('k1', 'k2', 'k1', 'K1', 'x'.repeat(255), 'a b'), { nil: undefined, freq: 2 }),
  })
  .map(({ change, key }) => ({
    method: 'POST' as const,
    body: { ...valid, ...change },
    ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
  }));
const get = fc.record({ app, tag: fc.option(tag, { nil: undefined }) }).map(({ app, tag }) => ({
  ...{ method: 'GET' as const, app },
  ...(tag !== undefined && { headers: { 'If-None-Match': tag } }),
}));
const parameter = fc.oneof(
  fc.constantFrom('limit=1', 'limit=2', 'limit=3', 'limit=0', 'limit=1001', 'cursor=forged', 'truncate_secrets=false'),
  fc.constantFrom(
    'provider=stripe',
    'provider=github',
    'provider=other',
    'health.status=ok',
    'health.status=warn',
    'a=1',
  ),
  metadata.map((wanted) => `metadata=${encodeURIComponent(JSON.stringify(wanted).slice(0, 6_000))}`),
);
const list = fc
  .record({ parameters: fc.array(parameter, { maxLength: 3 }), page: fc.option(fc.nat(3), { nil: undefined }) })
  .map(({ parameters, page }) => ({ method: 'GET' as const, query: parameters.join('&'), page }));
const update = fc
  .record({
    app,
    body: fc.oneof(fc.record({ metadata }), fc.record({ name: text }), fields),
    tag: fc.option(tag, { nil: undefined }),
  })
  .map(({ app, body, tag }) => ({
    ...{ method: 'PATCH' as const, app, body },
    ...(tag !== undefined && { headers: { 'If-Match': tag } }),
  }));
const remove = fc.record({ app, tag: fc.option(tag, { nil: undefined }) }).map(({ app, tag }) => ({
  ...{ method: 'DELETE' as const, app },
  ...(tag !== undefined && { headers: { 'If-Match': tag } }),
}));

const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: create },
      { weight: 3, arbitrary: list },
      { weight: 3, arbitrary: update },
      { weight: 2, arbitrary: get },
      { weight: 1, arbitrary: remove },
    ),
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(0, 999, 1_000) },
      { weight: 1, arbitrary: fc.constantFrom(hour, 24 * hour) },
    ),
    fc.nat(14),
  )
  .map(([request, wait, account]) => ({ ...request, wait, isForeign: account === 0 }));

/** Sequences of valid and invalid requests of all operations. */
export const sequences = fc.array(step, { minLength: 6, maxLength: 18, size: 'max' });
