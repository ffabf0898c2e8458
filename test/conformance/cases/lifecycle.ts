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

function createdAppCase(list: Operation, get: Operation): Case {
  return {
    name: 'a created app is available at once',
    operationId: get.operationId,
    check: 'ensure_resource_availability',
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session);
      if (created === undefined) return;
      await readApp(session, created.app.id);
      const listed = await listApps(session, {});
      if (listed === undefined) return;
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
    const body = operation.requestBody ? { body: await validBody(session, operation) } : {};
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

/** Sends an update. Reports other changes than the sent ones in the response, in a later read, and in the secret. */
async function checkUpdate(session: Session, update: Operation, name: string, change: Record<string, unknown>) {
  const created = await createTestApp(session, freeFormValues(session.contract));
  if (created === undefined) return;
  const { id } = created.app;
  const read = (await readApp(session, id))?.app;
  const exchange = await session.send(update, { id, body: change });
  if (!expectSuccess(session, exchange, update, `an update of ${name}`) || read === undefined) return;
  // A field that the read lacks, which is reported, still has the value of the create response.
  const before = { ...created.app, ...(read.id === undefined || read.id === id ? read : {}) };
  const pointer = `${update.pointer}/description`;
  const violationOf = (field: string, app: ReceivedApp | undefined) => ({
    check: 'partial_update' as const,
    cause: field in change ? `an update does not store ${field}` : `an update changes ${field}, which it does not have`,
    followsFrom: [...followsFromField(field, app, id), `partial_update: an update does not store ${field}`],
    pointer,
  });
  const masked = shownSecrets(session.contract).map(([field]) => [field, before[field]]);
  const expected = { ...before, ...change, ...Object.fromEntries(masked) };
  const after = (await readApp(session, id))?.app;
  const updated = exchange.response.json as ReceivedApp | undefined;
  const sources = { 'the response': updated, ...(after && { 'a later read': after }) };
  for (const [source, app] of Object.entries(sources)) {
    const fields = changedFields(session, expected, app);
    for (const field of fields) {
      const message = `after an update of ${name}, ${source} has an unexpected ${field}`;
      // A secret that is shown looks like another value than its mask.
      const isSecret = shownSecrets(session.contract).some(([secret]) => secret === field);
      const violation = violationOf(field, app);
      const followsFrom = [...violation.followsFrom, ...(isSecret ? ['secret_masking: *'] : [])];
      expectTrue(session, exchange, update, false, { ...violation, followsFrom, message });
    }
  }
  const revealed = after && (await revealSecrets(session, chooseOwn(id, after, updated)));
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
