import { bodySchemaOf, type Contract, type Operation } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { Exchange } from '../exchange.ts';
import type { Session } from '../session.ts';
import { createTestApp, hasId, listApps, type ReceivedApp, readApp } from './apps.ts';
import type { Case } from './case.ts';
import {
  differenceCause,
  expectSuccess,
  expectTrue,
  followsFromField,
  followsFromOther,
  followsFromRejecting,
  isSuccess,
} from './expectations.ts';
import { shownSecrets, validBody } from './fields.ts';
import { otherAppCase, partialUpdateCases } from './partial-updates.ts';

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
    alsoChecks: ['read_your_writes', 'stable_paging'],
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
