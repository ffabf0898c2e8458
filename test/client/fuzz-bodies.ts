import fc from 'fast-check';
import { limits } from '../../generated/values.ts';
import { example } from '../helpers/examples.ts';

/** The seed of all generated bodies. */
export const seed = 20261122;

const { bytes, depth, values } = limits.metadata;
const makeNested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
/** Creates an object with one property, whatever its name, `__proto__` included. */
const makeObject = (name: string) => JSON.parse(`{${JSON.stringify(name)}: 1}`);

const unusualTexts = ['', ' ', '*', '**********', '**x', 'myspace', '\u0000', 'a\ud800b', '😀', 'é'];
const lengths = [254, 255, 256, 1024, 1025, 4096, 4097];
const unusualText = fc.oneof(
  fc.constantFrom(...unusualTexts),
  fc.constantFrom(...lengths).chain((length) => fc.constantFrom('x', '*', '😀').map((unit) => unit.repeat(length))),
  fc.string({ unit: 'binary' }),
);
const unusualNames = ['__proto__', 'a.b', 'a/b', 'a~1b', '', 'constructor', 'toString', 'é', '\u0000', '\udc00'];
const unusualMetadata = fc.oneof(
  fc.constantFrom(...[depth - 1, depth, depth + 1, depth + 2, 500].map(makeNested)),
  fc.constantFrom(-30, -1, 0, 1).map((more) => ({ a: 'x'.repeat(bytes - JSON.stringify({ a: '' }).length + more) })),
  fc.constantFrom(values - 2, values - 1, values).map((count) => ({ a: Array(count).fill(0) })),
  fc.constantFrom(...unusualNames).map((name) => ({ a: [makeObject(name)], b: unusualTexts })),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
);
const unusualValue = fc.oneof(
  unusualText,
  unusualMetadata,
  fc.constantFrom<unknown>(null, true, 0, -1.5, 1e308, [], [[]], {}),
);

/** Generates mostly valid values, and one other in thirteen. */
const mostly = (valid: fc.Arbitrary<unknown>, ...others: fc.Arbitrary<unknown>[]) =>
  fc.oneof({ weight: 12, arbitrary: valid }, { weight: 1, arbitrary: fc.oneof(...others, unusualValue) });

const { provider, client_id, client_secret, name } = example('CreateOAuthApp');
const shared = {
  client_secret: mostly(fc.constant(client_secret), unusualText),
  name: mostly(fc.constant(name), unusualText),
  metadata: mostly(fc.dictionary(fc.string(), fc.jsonValue()), unusualMetadata),
};
const extra = fc.tuple(fc.constantFrom('extra', 'provider', ...unusualNames), unusualValue);

/** Generates bodies: some with an additional field, a few that are no object. */
const generateAround = (body: fc.Arbitrary<object>) =>
  fc.oneof(
    { weight: 30, arbitrary: body },
    { weight: 4, arbitrary: fc.tuple(body, extra).map(([fields, added]) => addField(fields, added)) },
    { weight: 1, arbitrary: unusualValue },
  );

/** Returns a copy of an object with one more field. */
function addField(fields: object, [key, value]: readonly [string, unknown]): object {
  // An assignment to `__proto__` would set the prototype.
  return Object.defineProperty({ ...fields }, key, { value, enumerable: true });
}

/** Generates valid and invalid bodies, the same ones in every run. */
export function generateBodies(count: number): { create: unknown[]; update: unknown[] } {
  const fields = {
    provider: mostly(fc.constant(provider)),
    client_id: mostly(fc.constant(client_id), unusualText),
    ...shared,
  };
  const required = ['provider', 'client_id', 'client_secret', 'name'] as const;
  const created = fc.oneof(
    { weight: 7, arbitrary: fc.record(fields, { requiredKeys: [...required] }) },
    { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
  );
  const sample = (arbitrary: fc.Arbitrary<object>) => fc.sample(generateAround(arbitrary), { seed, numRuns: count });
  return { create: sample(created), update: sample(fc.record(shared, { requiredKeys: [] })) };
}
