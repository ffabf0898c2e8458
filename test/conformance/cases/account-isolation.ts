import { type Contract, type Operation, parameterPointer } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { Session } from '../session.ts';
import { createTestApp, hasId, isUnchanged, listApps, readApp } from './apps.ts';
import type { Case } from './case.ts';
import { hasParameter } from './conditional-requests.ts';
import { expectTrue, followsFromOther } from './expectations.ts';
import { changeBody, uniqueMark } from './fields.ts';

/** Account isolation: the apps of one account do not exist for another one. */

const check = 'account_isolation' as const;
const common = { check, isMutating: true, needsOtherToken: true };

/** Returns problem details without `instance`, which is different for every request. */
function withoutInstance(json: unknown): unknown {
  const { instance: _, ...rest } = (json ?? {}) as Record<string, unknown>;
  return rest;
}

const foundCause = "another account's app is found";
/** Causes that also let another account use an operation. */
const followsFromOpen = ({ operationId }: Operation) => [
  `${operationId} missing_required_header: *`,
  `${operationId} ignored_auth: a wrong token is accepted`,
];

async function checkOperation(session: Session, operation: Operation) {
  const created = await createTestApp(session);
  if (created === undefined) return;
  const { id } = created.app;
  const authorization = `Bearer ${session.target.otherToken}`;
  const body = operation.requestBody ? { body: await changeBody(session, operation) } : {};
  const exchange = await session.send(operation, { id, authorization, ...body });
  const { pointer } = operation;
  const message = `another account's app got ${exchange.response.status} instead of 404`;
  const { status } = exchange.response;
  const cause = status < 400 ? foundCause : `another account's app gets ${status} instead of 404`;
  const ofApp = followsFromOther(exchange.response.json, id);
  const followsFrom = ['status_code_conformance: an unknown id is found', ...followsFromOpen(operation), ...ofApp];
  const violation = { check, message, cause, followsFrom, pointer };
  const isHidden = session.expectStatus(exchange, operation, 404, violation);
  if (!isHidden && operation.verb === 'delete') return;
  const holds = await isUnchanged(session, created.app, (await readApp(session, id))?.app);
  const changed = {
    check,
    message: 'another account changed the app',
    followsFrom: [`${check}: ${foundCause}`, ...followsFrom],
    pointer,
  };
  expectTrue(session, exchange, operation, holds, changed);
  if (!isHidden) return;
  // A difference between the responses would tell the client that the id exists.
  const unknown = await session.send(operation, { id: crypto.randomUUID(), authorization, ...body });
  const isEqual = isDeepEqual(withoutInstance(exchange.response.json), withoutInstance(unknown.response.json));
  const difference = "404 for another account's app differs from 404 for an unknown id";
  expectTrue(session, exchange, operation, isEqual, { check, message: difference, pointer });
}

function listCase(list: Operation): Case {
  return {
    ...common,
    name: 'the list does not contain apps of another account',
    operationId: list.operationId,
    async run(session) {
      const { change, query } = uniqueMark(session.contract);
      const created = await createTestApp(session, change);
      if (created === undefined) return;
      const message = "the list contains another account's app";
      const violation = { check, message, followsFrom: followsFromOpen(list), pointer: list.pointer };
      for (const each of [{}, query]) {
        const listed = await listApps(session, each, `Bearer ${session.target.otherToken}`);
        if (listed === undefined) return;
        expectTrue(session, listed.exchange, list, !hasId(listed.apps, created.app.id), violation);
      }
    },
  };
}

/** Returns the case about a key of another account: a create request with it creates an app of its own. */
function keyCase(create: Operation): Case {
  return {
    ...common,
    name: 'an Idempotency-Key of another account is unknown',
    operationId: create.operationId,
    level: 'extension',
    async run(session) {
      const headers = { 'Idempotency-Key': crypto.randomUUID() };
      const created = await createTestApp(session, {}, { headers });
      const authorization = `Bearer ${session.target.otherToken}`;
      const other = created && (await createTestApp(session, {}, { headers, authorization }));
      if (other === undefined) return;
      const message = "a key of another account gets that account's app";
      const pointer = parameterPointer(session.contract, create, 'Idempotency-Key');
      const isOwn = other.app.id !== created?.app.id;
      const ofKey = ['idempotent_repeats: a key with another body gets 20*'];
      const violation = { check, message, followsFrom: [...followsFromOpen(create), ...ofKey], pointer };
      expectTrue(session, other.exchange, create, isOwn, violation);
    },
  };
}

/** Returns the cases about account isolation. */
export function accountIsolationCases(contract: Contract): Case[] {
  const [list, create] = (['list', 'create'] as const).map(contract.findOperation);
  const itemOperations = contract.operations.filter(({ needsRecord }) => needsRecord);
  return [
    ...itemOperations.map(
      (operation): Case => ({
        ...common,
        name: `${operation.operationId} does not find another account's app`,
        operationId: operation.operationId,
        level: 'inferred',
        run: (session) => checkOperation(session, operation),
      }),
    ),
    ...(list ? [listCase(list)] : []),
    ...(create && hasParameter(contract, create, 'Idempotency-Key') ? [keyCase(create)] : []),
  ];
}
