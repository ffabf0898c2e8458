import { type Contract, type Operation, pointerOf, type Schema } from './contract.ts';
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

/** Returns the cause of secrets that a list shows for a spelling of a parameter that is not documented. */
export const misspeltReveal = (name: string) => `another spelling of ${name} reveals secrets`;

const shownSecret = 'a response shows a secret that was sent';
/** Returns whether a secret is too long and too varied to occur in a response by chance. */
const isDistinctive = (secret: string) => secret.length >= 16 && new Set(secret).size >= 5;

const formatMask = (mask: string) => (mask === '*'.repeat(10) ? 'ten asterisks' : `the mask ${mask}`);

/** Returns whether a request asks for full secrets, and the parameter for that where its value is not documented. */
export function findReveal(operation: Operation, url: string): Pick<ResponseContext, 'isReveal' | 'misspelt'> {
  if (operation.verb !== 'list') return { isReveal: false };
  const query = new URL(url).searchParams;
  const given = Object.values(operation.resource?.fields ?? {}).flatMap((field) => {
    const [name = '', value = ''] = (shownSecretOf(field)?.revealedBy ?? '').split('=');
    return query.has(name) ? [{ name, value, sent: query.getAll(name).join() }] : [];
  });
  const isSwitch = (text: string) => text === 'true' || text === 'false';
  const misspelt = given.find(({ value, sent }) => isSwitch(value) && !isSwitch(sent))?.name;
  return { isReveal: given.some(({ value, sent }) => sent === value), ...(misspelt !== undefined && { misspelt }) };
}

/** Returns the secrets that a response shows, whether they were sent or are only not masked. */
export function checkSecrets({
  contract,
  operation,
  response,
  secrets,
  isReveal,
  misspelt,
}: ResponseContext): Violation[] {
  if (isReveal && (response.status < 400 || response.status >= 500)) return [];
  const { fields = {}, pointer: resourcePointer = operation.pointer } = operation.resource ?? {};
  const [secretName = ''] = Object.entries(fields).flatMap(([name, field]) => (shownSecretOf(field) ? [name] : []));
  const pointer = secretName === '' ? resourcePointer : `${resourcePointer}${pointerOf('properties', secretName)}`;
  const shared = { check: 'secret_masking' as const, pointer };
  const texts = [response.text, ...response.headers.values()];
  const isShown = (secret: string) =>
    [secret, JSON.stringify(secret).slice(1, -1)].some((form) => texts.some((text) => text.includes(form)));
  if (secrets.some((secret) => isDistinctive(secret) && isShown(secret))) {
    const message = `${operation.operationId} shows a secret that was sent`;
    const cause = misspelt === undefined ? shownSecret : misspeltReveal(misspelt);
    const followsFrom = misspelt === undefined ? [] : [`secret_masking: ${shownSecret}`];
    return [{ ...shared, message, cause, followsFrom, provenance: 'documented' }];
  }
  if (response.status >= 400 || !contract.includes('inferred')) return [];
  const unmasked = findSecrets(contract, lenientSchema(fields), response.json).filter(
    ({ value, mask }) => value !== mask,
  );
  return [...new Map(unmasked.map((field) => [field.name, field])).values()].map(({ name, mask }) => ({
    ...shared,
    message: `${name} is not ${formatMask(mask)}`,
    followsFrom: [`${operation.operationId} secret_masking: ${shownSecret}`],
    pointer: `${resourcePointer}${pointerOf('properties', name)}`,
    provenance: 'inferred',
  }));
}
