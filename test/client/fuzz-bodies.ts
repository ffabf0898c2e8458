import fc from 'fast-check';
import { limits } from '../../generated/values.ts';
import { example } from '../helpers/examples.ts';

/** Of everything that is generated here. */
export const seed = 20261122;

const { bytes, depth, values } = limits.metadata;
const nest = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
/** What JSON can name and JavaScript cannot easily. */
const named = (name: string) => JSON.parse(`{${JSON.stringify(name)}: 1}`);

const oddTexts = ['', ' ', '*', '**********', '**x', 'myspace', '\u0000', 'a\ud800b', '😀', 'é'];
const lengths = [254, 255, 256, 1024, 1025, 4096, 4097];
const oddText = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.constantFrom(...lengths).chain((length) => fc.constantFrom('x', '*', '😀').map((unit) => unit.repeat(length))),
  fc.string({ unit: 'binary' }),
);
const oddNames = ['__proto__', 'a.b', 'a/b', 'a~1b', '', 'constructor', 'toString', 'é', '\u0000', '\udc00'];
const oddMetadata = fc.oneof(
  fc.constantFrom(...[depth - 1, depth, depth + 1, depth + 2, 500].map(nest)),
  fc.constantFrom(-30, -1, 0, 1).map((more) => ({ a: 'x'.repeat(bytes - JSON.stringify({ a: '' }).length + more) })),
  fc.constantFrom(values - 2, values - 1, values).map((count) => ({ a: Array(count).fill(0) })),
  fc.constantFrom(...oddNames).map((name) => ({ a: [named(name)], b: oddTexts })),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
);
const oddValue = fc.oneof(oddText, oddMetadata, fc.constantFrom<unknown>(null, true, 0, -1.5, 1e308, [], [[]], {}));

/** Mostly the value that is right, else any other. */
const mostly = (right: fc.Arbitrary<unknown>, ...others: fc.Arbitrary<unknown>[]) =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: fc.oneof(...others, oddValue) });

const { provider, client_id, client_secret, name } = example('CreateOAuthApp');
const shared = {
  client_secret: mostly(fc.constant(client_secret), oddText),
  name: mostly(fc.constant(name), oddText),
  metadata: mostly(fc.dictionary(fc.string(), fc.jsonValue()), oddMetadata),
};
const extra = fc.tuple(fc.constantFrom('extra', 'provider', ...oddNames), oddValue);

/** Bodies around an arbitrary: some with a field too many, a few that are no object. */
const around = (body: fc.Arbitrary<object>) =>
  fc.oneof(
    { weight: 30, arbitrary: body },
    { weight: 4, arbitrary: fc.tuple(body, extra).map(([fields, added]) => withField(fields, added)) },
    { weight: 1, arbitrary: oddValue },
  );

function withField(fields: object, [key, value]: readonly [string, unknown]): object {
  // Not by assignment: that would set the prototype for `__proto__`.
  return Object.defineProperty({ ...fields }, key, { value, enumerable: true });
}

/** Good and bad bodies: what a form may send, and what it may not. The same ones in every run. */
export function generateBodies(count: number): { create: unknown[]; update: unknown[] } {
  const fields = {
    provider: mostly(fc.constant(provider)),
    client_id: mostly(fc.constant(client_id), oddText),
    ...shared,
  };
  const required = ['provider', 'client_id', 'client_secret', 'name'] as const;
  const created = fc.oneof(
    { weight: 7, arbitrary: fc.record(fields, { requiredKeys: [...required] }) },
    { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
  );
  const sample = (arbitrary: fc.Arbitrary<object>) => fc.sample(around(arbitrary), { seed, numRuns: count });
  return { create: sample(created), update: sample(fc.record(shared, { requiredKeys: [] })) };
}
