import { type Contract, pointerOf, type Schema } from './contract.ts';
import { type ShownSecret, shownSecretOf } from './resources.ts';
import type { ResponseContext, Violation } from './violation.ts';

/** Secret field of a response, as the response shows it. */
interface ShownField extends ShownSecret {
  readonly name: string;
  readonly value: unknown;
}

/** Returns the secret fields of a value, found by its schema. */
function findSecrets(contract: Contract, schema: Schema, value: unknown): ShownField[] {
  type Parts = Schema & { properties?: Record<string, Schema>; items?: Schema };
  const { properties = {}, items } = contract.deref<Parts>(schema);
  if (Array.isArray(value)) return items ? value.flatMap((item) => findSecrets(contract, items, item)) : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) return [];
    const shown = shownSecretOf(property);
    return shown ? [{ ...shown, name, value: item }] : findSecrets(contract, property, item);
  });
}

/** Returns a schema that finds apps also where they are wrapped or stand for themselves. */
const lenientSchema = (fields: Record<string, Schema>): Schema => ({
  properties: { ...fields, data: { type: 'array', items: { properties: fields }, properties: fields } },
  items: { properties: fields },
});

const shownSecret = 'a response shows a secret that was sent';
/** Returns whether a secret is too long and too varied to occur in a response by chance. */
const isDistinctive = (secret: string) => secret.length >= 16 && new Set(secret).size >= 5;

const formatMask = (mask: string) => (mask === '*'.repeat(10) ? 'ten asterisks' : `the mask ${mask}`);

/** Returns the secrets that a response shows, whether they were sent or are only not masked. */
export function checkSecrets({ contract, operation, response, secrets, isReveal }: ResponseContext): Violation[] {
  if (isReveal && (response.status < 400 || response.status >= 500)) return [];
  const { fields = {}, pointer: resourcePointer = operation.pointer } = operation.resource ?? {};
  const [secretName = ''] = Object.entries(fields).flatMap(([name, field]) => (shownSecretOf(field) ? [name] : []));
  const pointer = secretName === '' ? resourcePointer : `${resourcePointer}${pointerOf('properties', secretName)}`;
  const shared = { check: 'secret_masking' as const, pointer };
  const isInBody = (secret: string) =>
    response.text.includes(secret) || response.text.includes(JSON.stringify(secret).slice(1, -1));
  if (secrets.some((secret) => isDistinctive(secret) && isInBody(secret))) {
    const message = `${operation.operationId} shows a secret that was sent`;
    return [{ ...shared, message, cause: shownSecret, provenance: 'documented' }];
  }
  if (response.status >= 400 || !contract.includes('inferred')) return [];
  const unmasked = findSecrets(contract, lenientSchema(fields), response.json).filter(
    ({ value, mask }) => value !== mask,
  );
  return [...new Map(unmasked.map((field) => [field.name, field])).values()].map(({ name, mask }) => ({
    ...shared,
    message: `${name} is not ${formatMask(mask)}`,
    followsFrom: [`secret_masking: ${shownSecret}`],
    pointer: `${resourcePointer}${pointerOf('properties', name)}`,
    provenance: 'inferred',
  }));
}
