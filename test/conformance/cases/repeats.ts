import type { Contract, Operation } from '../contract.ts';
import type { Sending } from '../sender.ts';
import type { Session } from '../session.ts';
import { type Case, exampleBody, expectSuccess, expectTrue, isSame, listApps, makeApp } from './case.ts';
import { hasParameter } from './versions.ts';

/** Creates with an `Idempotency-Key`, sent again. Keys and marks are new in each run: what is left behind counts. */

const check = 'idempotent_repeats' as const;

const withKey = (key: string = crypto.randomUUID()): Sending => ({ headers: { 'Idempotency-Key': key } });

async function trySame(session: Session, create: Operation) {
  const sending = withKey();
  const metadata = { conformance: crypto.randomUUID() };
  const first = await makeApp(session, { metadata }, sending);
  const again = await makeApp(session, { metadata }, sending);
  if (first === undefined || again === undefined) return;
  const breach = { check, pointer: `${create.pointer}/parameters` };
  const isAgain = isSame(first.exchange.response.json, again.exchange.response.json);
  const other = 'a repeat with the same key and body gets another answer';
  expectTrue(session, again.exchange, create, isAgain, { ...breach, message: other });
  const listed = await listApps(session, { metadata: JSON.stringify(metadata) });
  if (listed === undefined) return;
  const message = `a repeat with the same key and body leaves ${listed.apps.length} apps, not one`;
  expectTrue(session, again.exchange, create, listed.apps.length === 1, { ...breach, message });
}

async function tryOther(session: Session, create: Operation) {
  const sending = withKey();
  if ((await makeApp(session, {}, sending)) === undefined) return;
  const body = { ...exampleBody(session, create), name: 'Another body' };
  const exchange = await session.send(create, { body, ...sending });
  const message = `a key with another body is answered with ${exchange.response.status}, not 422`;
  session.expectStatus(exchange, create, 422, { check, message, pointer: `${create.pointer}/parameters` });
}

/** Every case about repeats. */
export function repeatCases(contract: Contract): Case[] {
  const create = contract.find('create');
  if (!create || !hasParameter(contract, create, 'Idempotency-Key')) return [];
  const { operationId, pointer } = create;
  const make = (name: string, run: (session: Session) => Promise<void>): Case => ({
    name: `${operationId} ${name}`,
    operationId,
    check,
    level: 'extension',
    changesThings: true,
    run,
  });
  const refuse = (what: string, key: string) =>
    make(`refuses ${what}`, async (session) => {
      const exchange = await session.send(create, { body: exampleBody(session, create), ...withKey(key) });
      const message = `${what} is answered with ${exchange.response.status}, not 422`;
      session.expectStatus(exchange, create, 422, { check, message, pointer: `${pointer}/parameters` });
    });
  return [
    make('repeated with its key gives the first answer', (session) => trySame(session, create)),
    make('refuses a key with another body', (session) => tryOther(session, create)),
    {
      ...make('accepts the longest key', async (session) => {
        const key = crypto.randomUUID().padEnd(255, 'k');
        const exchange = await session.send(create, { body: exampleBody(session, create), ...withKey(key) });
        expectSuccess(session, exchange, create, 'the longest key');
      }),
      check: 'positive_data_acceptance',
    },
    refuse('a key that is too long', 'k'.repeat(256)),
    refuse('a key with a blank', 'a b'),
  ];
}
