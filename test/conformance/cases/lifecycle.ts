import { bodySchemaOf, type Contract, type Operation } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { Exchange } from '../exchange.ts';
import { isFreeForm } from '../resources.ts';
import type { Session } from '../session.ts';
import {
  chooseOwn,
  createTestApp,
  hasId,
  isUnchanged,
  listApps,
  type ReceivedApp,
  readApp,
  revealSecrets,
} from './apps.ts';
import type { Case } from './case.ts';
import { hasParameter } from './conditional-requests.ts';
import {
  expectSuccess,
  expectTrue,
  followsFromField,
  followsFromOther,
  followsFromRejecting,
  followsFromShape,
  isSuccess,
} from './expectations.ts';
import { changeBody, listChanges, shownSecrets, validBody } from './fields.ts';

/** Lifecycle of an OAuth app: created, found, updated and deleted. */

/** Returns the case about an operation of no resource: a plain request succeeds. */
function plainRequestCase(operation: Operation): Case {
  return {
    name: `${operation.operationId} accepts a plain request`,
    operationId: operation.operationId,
    check: 'positive_data_acceptance',
    isMutating: operation.method !== 'get' || operation.needsRecord,
    async run(session) {
      const created = operation.needsRecord ? await createTestApp(session) : undefined;
      if (operation.needsRecord && created === undefined) return;
      const body = operation.requestBody ? { body: await validBody(session, operation) } : {};
      const authorization = operation.security.length === 0 ? null : undefined;
      const exchange = await session.send(operation, { id: created?.app.id, authorization, ...body });
      expectSuccess(session, exchange, operation, 'a plain request');
    },
  };
}

/** Returns the first case. Every other one depends on the list. */
function readableListCase(list: Operation): Case {
  return {
    name: 'the list can be read',
    operationId: list.operationId,
    check: 'positive_data_acceptance',
    async run(session) {
      await listApps(session, {});
    },
  };
}

/** Returns the cause of two operations that show a field of the same app differently. */
const differenceCause = (field: string, [shown, other]: readonly [string, string]) =>
  `${shown} shows another ${field} than ${other}`;

/** Reports fields that two responses show differently. Secrets may be shown, and the health may change at any time. */
function expectSame(
  session: Session,
  { get, exchange, app = { id: '' } }: { get: Operation; exchange: Exchange; app?: ReceivedApp },
  other: ReceivedApp,
  names: readonly [string, string],
) {
  const { contract } = session;
  const check = 'read_your_writes' as const;
  const isSecret = (field: string) => shownSecrets(contract).some(([name]) => name === field);
  const fields = Object.keys(contract.resource?.fields ?? {}).filter((field) => field in app && field in other);
  // The published example of create shows the id in place of the client_id.
  const compared = fields.filter((field) => field !== 'health' && !isSecret(field) && contract.includes('inferred'));
  for (const field of compared.filter((each) => !isDeepEqual(app[each], other[each]))) {
    const cause = differenceCause(field, names);
    const stored = `${check}: ${field} is not stored as it was sent`;
    const followsFrom = [
      ...followsFromField(field, app, other.id),
      ...followsFromField(field, other, other.id),
      stored,
      ...(names[0] === 'get' ? [] : [`${check}: ${differenceCause(field, ['get', 'create'])}`]),
    ];
    const violation = { check, message: cause, followsFrom, pointer: get.pointer, provenance: 'inferred' as const };
    expectTrue(session, exchange, get, false, violation);
  }
}

function createdAppCase(list: Operation, get: Operation): Case {
  return {
    name: 'a created app is available at once',
    operationId: get.operationId,
    check: 'ensure_resource_availability',
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session);
      if (created === undefined) return;
      const read = await readApp(session, created.app.id);
      if (read?.app) expectSame(session, read, created.app, ['get', 'create']);
      const listed = await listApps(session, {});
      if (listed === undefined) return;
      const isOnce = new Set(listed.apps.map((each) => each.id)).size === listed.apps.length;
      const twice = { check: 'stable_paging' as const, message: 'a list contains an app twice', pointer: list.pointer };
      const ofPages = listed.isReadable ? [] : ['response_schema_conformance: *'];
      expectTrue(session, listed.exchange, list, isOnce, { ...twice, followsFrom: ofPages });
      const item = listed.apps.find(({ id }) => id === created.app.id);
      const shown = { get: list, exchange: listed.exchange, app: item };
      if (read?.app && item) expectSame(session, shown, read.app, ['the list', 'get']);
      const message = 'an app is not listed right after it was created';
      const check = 'ensure_resource_availability' as const;
      const followsFrom = listed.isReadable ? [] : ['response_schema_conformance: *'];
      const violation = { check, pointer: list.pointer, message, followsFrom };
      expectTrue(session, listed.exchange, list, hasId(listed.apps, created.app.id), violation);
    },
  };
}

const foundCause = 'a deleted app is found';

/** Reports the operations that find a deleted app. Where each one does, the delete did nothing. */
async function expectGone(session: Session, contract: Contract, id: string) {
  const operations = contract.operations.filter(({ needsRecord }) => needsRecord);
  const exchanges: [operation: Operation, exchange: Exchange][] = [];
  for (const operation of operations) {
    const secrets = bodySchemaOf(contract, operation)?.secrets ?? [];
    const secret = Object.fromEntries(secrets.map((name) => [name, `secret-${crypto.randomUUID()}`]));
    const body = operation.requestBody ? { body: { ...(await validBody(session, operation)), ...secret } } : {};
    exchanges.push([operation, await session.send(operation, { id, ...body })]);
  }
  const isFoundByAll = exchanges.every(([, exchange]) => isSuccess(exchange));
  for (const [operation, exchange] of exchanges) {
    const { status } = exchange.response;
    const found = isFoundByAll ? foundCause : `${foundCause} by ${operation.operationId}`;
    session.expectStatus(exchange, operation, 404, {
      check: 'use_after_free',
      message: `${operation.operationId} got ${status} instead of 404 for a deleted app`,
      cause: status < 400 ? found : `a deleted app gets ${status} instead of 404`,
      followsFrom: [
        'status_code_conformance: an unknown id is found',
        ...followsFromRejecting(operation),
        ...followsFromOther(exchange.response.json, id),
      ],
      pointer: operation.pointer,
    });
  }
}

/** Returns a case that deletes one of two apps: no operation finds the deleted one, and the other one still exists. */
function deletedAppCase(contract: Contract, remove: Operation, list: Operation): Case {
  return {
    name: 'a deleted app is gone from every operation',
    operationId: remove.operationId,
    check: 'use_after_free',
    alsoChecks: ['ensure_resource_availability'],
    level: 'extension',
    isMutating: true,
    async run(session) {
      const [created, other] = [await createTestApp(session), await createTestApp(session)];
      if (created === undefined || other === undefined) return;
      const { id } = created.app;
      const deleted = await session.send(remove, { id });
      if (!expectSuccess(session, deleted, remove, 'deleting an app')) return;
      const check = 'use_after_free' as const;
      const hasSameId = (deleted.response.json as ReceivedApp | undefined)?.id === id;
      const message = 'the response has a different id than the deleted app';
      expectTrue(session, deleted, remove, hasSameId, { check, message, pointer: remove.pointer });
      await expectGone(session, contract, id);
      const listed = await listApps(session, {});
      const followsFrom = [`${check}: ${foundCause}`];
      const violation = { check, message: 'the list contains a deleted app', pointer: list.pointer, followsFrom };
      if (listed) expectTrue(session, listed.exchange, list, !hasId(listed.apps, id), violation);
      await readApp(session, other.app.id);
    },
  };
}

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
function partialUpdateCases(contract: Contract, update: Operation): Case[] {
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
    // No page says whether metadata is replaced or merged, nor what an empty body does.
    level: name === 'no field' || isFreeForm(properties[name]) ? 'inferred' : 'documented',
    isMutating: true,
    run: (session) => checkUpdate(session, update, name, body),
  }));
}

function otherAppCase(update: Operation): Case {
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

/** Returns the cases about the lifecycle of an app. */
export function lifecycleCases(contract: Contract): Case[] {
  const [list, get, update, remove] = (['list', 'get', 'update', 'delete'] as const).map(contract.findOperation);
  const others = contract.operations.filter(({ verb }) => verb === 'other').map(plainRequestCase);
  if (!list) return others;
  return [
    readableListCase(list),
    ...others,
    ...(get ? [createdAppCase(list, get)] : []),
    ...(update ? [...partialUpdateCases(contract, update), otherAppCase(update)] : []),
    ...(remove ? [deletedAppCase(contract, remove, list)] : []),
  ];
}
