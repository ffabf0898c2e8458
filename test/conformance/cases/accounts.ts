import type { Contract, Operation } from '../contract.ts';
import type { Session } from '../session.ts';
import { type Case, exampleBody, expectTrue, hasId, isSame, listApps, makeApp, readApp } from './case.ts';

/** What belongs to one account does not exist for another. */

const check = 'account_isolation' as const;
const common = { check, changesThings: true, needsOtherToken: true };

/** An error without what differs from one request to the next. */
function withoutInstance(json: unknown): unknown {
  const { instance: _, ...rest } = (json ?? {}) as Record<string, unknown>;
  return rest;
}

async function tryForeign(session: Session, operation: Operation) {
  const made = await makeApp(session);
  if (made === undefined) return;
  const { id } = made.app;
  const authorization = `Bearer ${session.target.otherToken}`;
  const body = operation.requestBody ? { body: { ...exampleBody(session, operation), name: 'Foreign' } } : {};
  const exchange = await session.send(operation, { id, authorization, ...body });
  const { pointer } = operation;
  const message = `another account's app is answered with ${exchange.response.status}, not 404`;
  const isHidden = session.expectStatus(exchange, operation, 404, { check, message, pointer });
  const kept = (await readApp(session, id))?.app;
  const isKept = kept === undefined || isSame({ ...kept, health: 0 }, { ...made.app, health: 0 });
  expectTrue(session, exchange, operation, isKept, { check, message: 'another account changed the app', pointer });
  if (!isHidden) return;
  // Whoever sees a difference knows that the id is taken.
  const unknown = await session.send(operation, { id: crypto.randomUUID(), authorization, ...body });
  const isAlike = isSame(withoutInstance(exchange.response.json), withoutInstance(unknown.response.json));
  const differs = "404 for another account's app differs from 404 for an unknown id";
  expectTrue(session, exchange, operation, isAlike, { check, message: differs, pointer });
}

function listCase(list: Operation): Case {
  return {
    ...common,
    name: 'the list does not show another account',
    operationId: list.operationId,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      const listed = await listApps(session, {}, `Bearer ${session.target.otherToken}`);
      if (listed === undefined) return;
      const breach = { check, message: "another account's app is listed", pointer: list.pointer };
      expectTrue(session, listed.exchange, list, !hasId(listed.apps, made.app.id), breach);
    },
  };
}

/** Every case about another account. */
export function accountCases(contract: Contract): Case[] {
  const list = contract.find('list');
  const single = contract.operations.filter(({ path }) => path.includes('{'));
  return [
    ...single.map(
      (operation): Case => ({
        ...common,
        name: `${operation.operationId} does not see another account`,
        operationId: operation.operationId,
        level: 'inferred',
        run: (session) => tryForeign(session, operation),
      }),
    ),
    ...(list ? [listCase(list)] : []),
  ];
}
