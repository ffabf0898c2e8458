import { bodySchemaOf, type Contract, type Operation } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { Exchange } from '../exchange.ts';
import { isFreeForm } from '../resources.ts';
import type { Session } from '../session.ts';
import { chooseOwn, createTestApp, isUnchanged, type ReceivedApp, readApp, revealSecrets } from './apps.ts';
import type { Case } from './case.ts';
import { hasParameter } from './conditional-requests.ts';
import { differenceCause, expectSuccess, expectTrue, followsFromField, followsFromShape } from './expectations.ts';
import { changeBody, listChanges, shownSecrets } from './fields.ts';

/** Updates: they store what was sent, change nothing else, and make a new version. */

/** Returns whether a field may change without being sent. */
const isVolatile = (field: string) => (field.endsWith('_at') && field !== 'created_at') || field === 'health';

/** Returns the fields of an app that differ from the expected ones, but for the volatile ones. */
const changedFields = ({ contract: { resource } }: Session, expected: object, app: ReceivedApp | undefined) =>
  Object.entries(expected)
    .filter(([field]) => field in (resource?.fields ?? {}) && !isVolatile(field))
    .filter(([field, value]) => !isDeepEqual(value, app?.[field]))
    .map(([field]) => field);

/** Returns values of the fields that take any object, with parts that an update does not have. */
function freeFormValues(contract: Contract): Record<string, unknown> {
  const create = contract.findOperation('create');
  const { properties = {} } = (create && bodySchemaOf(contract, create)) ?? {};
  const names = Object.keys(properties).filter((name) => isFreeForm(properties[name]));
  return Object.fromEntries(names.map((name) => [name, { kept: { a: 1 }, replaced: false }]));
}

/** Number of milliseconds by which the clocks of the machines of one server may differ. */
const clockSkew = 1_000;

/** Responses about one app, before and after an update. */
interface Update {
  readonly before: ReceivedApp;
  readonly updated: ReceivedApp | undefined;
  readonly change: Record<string, unknown>;
  readonly name: string;
  readonly exchange: Exchange;
  readonly read?: Exchange;
}

/** Reports an update after which the app has its ETag of before, or an earlier time. */
function expectNewVersion(session: Session, update: Operation, { before, updated, change, name, ...of }: Update) {
  const { exchange, read } = of;
  const times = Object.keys(before).filter((field) => isVolatile(field) && field !== 'health');
  for (const field of times) {
    const [old, now] = [before[field], updated?.[field]].map((time) => Date.parse(String(time)));
    const isBack = (now ?? Number.NaN) < (old ?? Number.NaN) - clockSkew;
    const message = `after an update of ${name}, ${field} is earlier than before`;
    const [cause, followsFrom] = [`an update sets ${field} back`, followsFromField(field, updated, before.id)];
    const violation = { check: 'partial_update' as const, message, cause, followsFrom, pointer: update.pointer };
    expectTrue(session, exchange, update, !isBack, violation);
  }
  const [etag, newETag] = [read, exchange].map((each) => each?.response.headers.get('etag'));
  const isVersioned = hasParameter(session.contract, update, 'If-Match') && Object.keys(change).length > 0;
  const isChanged = !isVersioned || !etag || etag !== newETag;
  const isStored = Object.entries(change).some(([field, value]) => isDeepEqual(updated?.[field], value));
  const violation = { check: 'conditional_requests' as const, provenance: 'extension' as const };
  const message = `an update of ${name} does not change the ETag`;
  const [cause, pointer] = ['an update does not change the ETag', `${update.pointer}/responses/200/headers/ETag`];
  const followsFrom = ['response_headers_conformance: the header ETag*'];
  // An app that stays as it was has no new version.
  if (isStored)
    expectTrue(session, exchange, update, isChanged, { ...violation, message, cause, followsFrom, pointer });
}

/** Returns the cause of one response that shows the app as it was before an update. */
const staleCause = (source: string) =>
  source === 'the response'
    ? 'the response to an update shows the app of before'
    : `after an update, ${source} is stale`;

/** Sends an update. Reports other changes than the sent ones in the response, in a later read, and in the secret. */
async function checkUpdate(session: Session, update: Operation, name: string, change: Record<string, unknown>) {
  const created = await createTestApp(session, freeFormValues(session.contract));
  if (created === undefined) return;
  const { id } = created.app;
  const reading = await readApp(session, id);
  const read = reading?.app;
  const exchange = await session.send(update, { id, body: change });
  if (!expectSuccess(session, exchange, update, `an update of ${name}`) || read === undefined) return;
  // A field that the read lacks, which is reported, still has the value of the create response.
  const before = { ...created.app, ...(read.id === undefined || read.id === id ? read : {}) };
  const pointer = `${update.pointer}/description`;
  const violationOf = (field: string, app: ReceivedApp | undefined, stale?: string) => ({
    check: 'partial_update' as const,
    cause:
      stale ??
      (field in change ? `an update does not store ${field}` : `an update changes ${field}, which it does not have`),
    followsFrom: [
      ...followsFromField(field, app, id),
      `partial_update: an update does not store ${field}`,
      `read_your_writes: ${differenceCause(field, ['get', 'create'])}`,
    ],
    pointer,
  });
  const maskedOf = (app: ReceivedApp) =>
    Object.fromEntries(shownSecrets(session.contract).map(([field]) => [field, app[field]]));
  const expected = { ...before, ...change, ...maskedOf(before) };
  const later = await readApp(session, id);
  const after = later?.app;
  const updated = exchange.response.json as ReceivedApp | undefined;
  const revealed = after && (await revealSecrets(session, chooseOwn(id, after, updated, change)));
  const sources = {
    'the response': updated,
    ...(after && { 'a later read': after }),
    ...(revealed && { 'the list': { ...revealed.app, ...maskedOf(before) } }),
  };
  expectNewVersion(session, update, { before, updated, change, name, exchange, read: reading?.exchange });
  const wrong = Object.entries(sources).map(([source, app]) => {
    const fields = changedFields(session, expected, app);
    // The list was compared with other responses already. Here it may lag behind.
    const isBehind = (field: string) => field in change && isDeepEqual(app?.[field], before[field]);
    return source === 'the list' ? fields.filter(isBehind) : fields;
  });
  for (const [index, [source, app]] of Object.entries(sources).entries()) {
    const fields = wrong[index] ?? [];
    // One response alone that shows the app of before is another cause than an update that stores nothing.
    const isStale = (field: string) =>
      wrong.some((others) => !others.includes(field)) && isDeepEqual(app?.[field], before[field]);
    for (const field of fields) {
      const message = `after an update of ${name}, ${source} has an unexpected ${field}`;
      // A secret that is shown looks like another value than its mask.
      const isSecret = shownSecrets(session.contract).some(([secret]) => secret === field);
      const violation = violationOf(field, app, isStale(field) ? staleCause(source) : undefined);
      const followsFrom = [...violation.followsFrom, ...(isSecret ? ['secret_masking: *'] : [])];
      expectTrue(session, exchange, update, false, { ...violation, followsFrom, message });
    }
  }
  for (const field of revealed?.names ?? []) {
    const isExpected = revealed?.app[field] === { ...created.body, ...change }[field];
    const message = `after an update of ${name}, the app has an unexpected ${field}`;
    expectTrue(session, exchange, update, isExpected, { ...violationOf(field, revealed?.app), message });
  }
}

/** Returns a case for each field that an update can change, and one for an empty body where that is valid. */
export function partialUpdateCases(contract: Contract, update: Operation): Case[] {
  const { properties = {}, required = [], minProperties = 0 } = bodySchemaOf(contract, update) ?? {};
  const empty: [name: string, body: Record<string, unknown>][] = [['no field', {}]];
  const changes = [
    ...listChanges(contract, update).map(([field, value]): [string, Record<string, unknown>] => [
      field,
      { [field]: value },
    ]),
    ...(required.length === 0 && minProperties === 0 ? empty : []),
  ];
  // A PUT replaces the whole app.
  if (update.method !== 'patch') return [];
  return changes.map(([name, body]) => ({
    name: `an update of ${name} changes nothing else`,
    operationId: update.operationId,
    check: 'partial_update',
    alsoChecks: name === 'no field' ? ['positive_data_acceptance'] : ['conditional_requests'],
    // No page says whether metadata is replaced or merged, nor what an empty body does.
    level: name === 'no field' || isFreeForm(properties[name]) ? 'inferred' : 'documented',
    isMutating: true,
    run: (session) => checkUpdate(session, update, name, body),
  }));
}

export function otherAppCase(update: Operation): Case {
  return {
    name: 'an update does not change other apps',
    operationId: update.operationId,
    check: 'partial_update',
    isMutating: true,
    async run(session) {
      const [created, other] = [await createTestApp(session), await createTestApp(session)];
      if (created === undefined || other === undefined) return;
      const exchange = await session.send(update, { id: created.app.id, body: await changeBody(session, update) });
      const after = (await readApp(session, other.app.id))?.app;
      const isSame = await isUnchanged(session, other.app, after);
      const message = 'an update changes another app';
      const followsFrom = followsFromShape(after, other.app.id);
      const violation = { message, followsFrom, pointer: update.pointer };
      expectTrue(session, exchange, update, isSame, { check: 'partial_update', ...violation });
    },
  };
}
