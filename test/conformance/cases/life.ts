import { bodySchemaOf, type Contract, type Operation, pointerOf } from '../contract.ts';
import type { Session } from '../session.ts';
import {
  type Case,
  exampleBody,
  expectSuccess,
  expectTrue,
  hasId,
  isSame,
  listApps,
  makeApp,
  readApp,
  revealSecret,
  type ShownApp,
} from './case.ts';

/** The life of an OAuth app: made, found, changed and removed. */

/** What every other case needs. */
function opening(list: Operation): Case {
  return {
    name: 'the list can be read',
    operationId: list.operationId,
    check: 'positive_data_acceptance',
    async run(session) {
      await listApps(session, {});
    },
  };
}

function available(list: Operation, get: Operation): Case {
  return {
    name: 'a created app is there at once',
    operationId: get.operationId,
    check: 'ensure_resource_availability',
    changesThings: true,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      await readApp(session, made.app.id);
      const listed = await listApps(session, {});
      if (listed === undefined) return;
      const message = 'an app is not listed right after it was created';
      const breach = { check: 'ensure_resource_availability' as const, pointer: list.pointer, message };
      expectTrue(session, listed.exchange, list, hasId(listed.apps, made.app.id), breach);
    },
  };
}

/** A removed app is gone, from everywhere, and no other app with it. */
function afterDelete(contract: Contract, remove: Operation, list: Operation): Case {
  return {
    name: 'a deleted app is gone from every operation',
    operationId: remove.operationId,
    check: 'use_after_free',
    alsoChecks: ['ensure_resource_availability'],
    level: 'extension',
    changesThings: true,
    async run(session) {
      const [made, other] = [await makeApp(session), await makeApp(session)];
      if (made === undefined || other === undefined) return;
      const { id } = made.app;
      const removed = await session.send(remove, { id });
      if (!expectSuccess(session, removed, remove, 'to delete an app')) return;
      const check = 'use_after_free' as const;
      const isNamed = (removed.response.json as ShownApp | undefined)?.id === id;
      const named = { check, message: 'the answer names another app than the deleted one', pointer: remove.pointer };
      expectTrue(session, removed, remove, isNamed, named);
      for (const operation of contract.operations.filter(({ path }) => path.includes('{'))) {
        const body = operation.requestBody ? { body: exampleBody(session, operation) } : {};
        const exchange = await session.send(operation, { id, ...body });
        const message = `${operation.operationId} answers ${exchange.response.status} for a deleted app`;
        session.expectStatus(exchange, operation, 404, { check, message, pointer: operation.pointer });
      }
      const listed = await listApps(session, {});
      const breach = { check, message: 'a deleted app is listed', pointer: list.pointer };
      if (listed) expectTrue(session, listed.exchange, list, !hasId(listed.apps, id), breach);
      await readApp(session, other.app.id);
    },
  };
}

const isMoving = (field: string) => field === 'updated_at' || field === 'health';

/** The fields that an app has otherwise than expected, those left aside that change by themselves. */
const changedFields = (expected: object, app: ShownApp | undefined) =>
  Object.entries(expected)
    .filter(([field, value]) => !isMoving(field) && !isSame(value, app?.[field]))
    .map(([field]) => field);

/** Sends an update and sees that it changed what it says, and nothing else: in the answer, the app and its secret. */
async function tryUpdate(session: Session, update: Operation, name: string, change: Record<string, unknown>) {
  const made = await makeApp(session, { metadata: { kept: { a: 1 }, replaced: false } });
  if (made === undefined) return;
  const { id } = made.app;
  const before = (await readApp(session, id))?.app;
  const exchange = await session.send(update, { id, body: change });
  if (!expectSuccess(session, exchange, update, `an update of ${name}`) || before === undefined) return;
  const breach = { check: 'partial_update' as const, pointer: `${update.pointer}/description` };
  const expected = { ...before, ...change, client_secret: before.client_secret };
  const after = (await readApp(session, id))?.app;
  const sources = { 'the answer': exchange.response.json as ShownApp | undefined, 'the app': after };
  for (const [source, app] of Object.entries(sources)) {
    const wrong = changedFields(expected, app);
    const message = `after an update of ${name}, ${source} has an unexpected ${wrong.join(', ')}`;
    expectTrue(session, exchange, update, wrong.length === 0, { ...breach, message });
  }
  const revealed = after && (await revealSecret(session, after));
  if (revealed === undefined) return;
  const isKept = revealed.secret === { ...made.body, ...change }.client_secret;
  const message = `after an update of ${name}, the app has an unexpected client_secret`;
  expectTrue(session, exchange, update, isKept, { ...breach, message });
}

/** Each field alone is replaced whole; the others, and what cannot be changed, stay. */
function partialUpdates(contract: Contract, update: Operation): Case[] {
  const fields = Object.keys(bodySchemaOf(contract, update)?.properties ?? {});
  const changes: [name: string, body: Record<string, unknown>][] = [
    ...fields.map((field): [string, Record<string, unknown>] => [
      field,
      { [field]: field === 'metadata' ? { replaced: true } : `changed ${field}` },
    ]),
    ['nothing', {}],
  ];
  return changes.map(([name, body]) => ({
    name: `an update of ${name} changes that alone`,
    operationId: update.operationId,
    check: 'partial_update',
    // No page says whether metadata is replaced or merged, nor what an empty body does.
    level: name === 'metadata' || name === 'nothing' ? 'inferred' : 'documented',
    changesThings: true,
    run: (session) => tryUpdate(session, update, name, body),
  }));
}

function otherUntouched(update: Operation): Case {
  return {
    name: 'an update leaves other apps alone',
    operationId: update.operationId,
    check: 'partial_update',
    changesThings: true,
    async run(session) {
      const [made, other] = [await makeApp(session), await makeApp(session)];
      if (made === undefined || other === undefined) return;
      const exchange = await session.send(update, { id: made.app.id, body: { name: 'Changed' } });
      const kept = (await readApp(session, other.app.id))?.app;
      const isKept = kept === undefined || changedFields(other.app, kept).length === 0;
      const message = 'an update changes another app';
      expectTrue(session, exchange, update, isKept, { check: 'partial_update', message, pointer: update.pointer });
    },
  };
}

/** Each create makes an app of its own. */
function twins(create: Operation): Case {
  return {
    name: 'the same body twice makes two apps',
    operationId: create.operationId,
    check: 'read_your_writes',
    level: 'inferred',
    changesThings: true,
    async run(session) {
      const [first, second] = [await makeApp(session), await makeApp(session)];
      if (first === undefined || second === undefined) return;
      const message = 'two creates made one app';
      const pointer = pointerOf('components', 'schemas', 'OAuthApp');
      const isTwo = first.app.id !== second.app.id;
      expectTrue(session, second.exchange, create, isTwo, { check: 'read_your_writes', message, pointer });
    },
  };
}

/** Every case about the life of an app. */
export function lifeCases(contract: Contract): Case[] {
  const [list, create, get, update, remove] = ['list', 'create', 'get', 'update', 'delete'].map(contract.find);
  if (!list || !create || !get) return [];
  return [
    opening(list),
    available(list, get),
    twins(create),
    ...(update ? [...partialUpdates(contract, update), otherUntouched(update)] : []),
    ...(remove ? [afterDelete(contract, remove, list)] : []),
  ];
}
