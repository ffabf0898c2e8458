import { type Contract, type Operation, parameterPointer } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { Exchange } from '../exchange.ts';
import type { RequestOptions } from '../http-client.ts';
import type { Session } from '../session.ts';
import { createTestApp, listApps } from './apps.ts';
import type { Case } from './case.ts';
import { hasParameter } from './conditional-requests.ts';
import { expectSuccess, expectTrue, followsFromRejection, isSuccess } from './expectations.ts';
import { followsFromFilters, listChanges, uniqueMark, validBody } from './fields.ts';

/**
 * Repeated create requests with an `Idempotency-Key`. Keys and metadata are new in each run, because the apps of an
 * earlier run may still exist.
 */

const check = 'idempotent_repeats' as const;

const withKey = (key: string = crypto.randomUUID()): RequestOptions => ({ headers: { 'Idempotency-Key': key } });

async function checkSameBody(session: Session, create: Operation) {
  const options = withKey();
  const { change, query } = uniqueMark(session.contract);
  const first = await createTestApp(session, change, options);
  if (first === undefined) return;
  const second = await session.send(create, { body: first.body, ...options });
  const pointer = parameterPointer(session.contract, create, 'Idempotency-Key');
  const violation = { check, pointer, cause: 'a repeated request is carried out again' };
  const { status, json } = second.response;
  const rejected = {
    check,
    pointer,
    message: `a repeated request got ${status}`,
    cause: 'a repeated request is rejected',
  };
  if (!isSuccess(second)) {
    session.expectStatus(second, create, first.exchange.response.status, rejected);
    return;
  }
  const isReplayed = isDeepEqual(first.exchange.response.json, json);
  const different = 'a repeated request with the same key and body got a different response';
  expectTrue(session, second, create, isReplayed, { ...violation, message: different });
  const listed = Object.keys(query).length > 0 ? await listApps(session, query) : undefined;
  if (listed === undefined) return;
  const count = new Set(listed.apps.map(({ id }) => id)).size;
  const message = `a repeated request with the same key and body left ${count} apps instead of one`;
  const followsFrom = ['use_after_free: the list contains*', ...followsFromFilters(query)];
  expectTrue(session, second, create, count <= 1, { ...violation, followsFrom, message });
}

/** Sends a key again with each field changed in turn, until one of the bodies is not rejected. */
async function checkOtherBody(session: Session, create: Operation) {
  const options = withKey();
  if ((await createTestApp(session, {}, options)) === undefined) return;
  const valid = await validBody(session, create);
  for (const [field, value] of listChanges(session.contract, create)) {
    const exchange = await session.send(create, { body: { ...valid, [field]: value }, ...options });
    if (!expectOtherBody(session, exchange, create)) return;
  }
}

/** Reports a response to a known key with another body. Returns whether the body was rejected. */
function expectOtherBody(session: Session, exchange: Exchange, create: Operation): boolean {
  const message = `a key with another body got ${exchange.response.status} instead of 422`;
  const { status } = exchange.response;
  const followsFrom = [`${check}: a repeated request is carried out again`, ...followsFromRejection(status)];
  const cause = `a key with another body gets ${exchange.response.status} instead of 422`;
  return session.expectStatus(exchange, create, 422, {
    check,
    message,
    cause,
    followsFrom,
    pointer: parameterPointer(session.contract, create, 'Idempotency-Key'),
  });
}

/** Returns the cases about idempotency. */
export function idempotencyCases(contract: Contract): Case[] {
  const create = contract.findOperation('create');
  if (!create || !hasParameter(contract, create, 'Idempotency-Key')) return [];
  const { operationId } = create;
  const createCase = (name: string, run: (session: Session) => Promise<void>): Case => ({
    name: `${operationId} ${name}`,
    operationId,
    check,
    level: 'extension',
    isMutating: true,
    run,
  });
  const rejectedKeyCase = (label: string, key: string) =>
    createCase(`rejects ${label}`, async (session) => {
      const exchange = await session.send(create, { body: await validBody(session, create), ...withKey(key) });
      const message = `${label} got ${exchange.response.status} instead of 422`;
      const { status } = exchange.response;
      const isAccepted = status >= 200 && status < 300;
      const cause = `an invalid key ${isAccepted ? 'is accepted' : `is rejected with ${status} instead of 422`}`;
      const followsFrom = isAccepted
        ? [`${check}: a repeated request is carried out again`]
        : followsFromRejection(status);
      session.expectStatus(exchange, create, 422, {
        check,
        message,
        cause,
        followsFrom,
        pointer: parameterPointer(session.contract, create, 'Idempotency-Key'),
      });
    });
  return [
    createCase('repeats the first response for its key', (session) => checkSameBody(session, create)),
    createCase('rejects a key with another body', (session) => checkOtherBody(session, create)),
    {
      ...createCase('accepts the longest key', async (session) => {
        const key = crypto.randomUUID().padEnd(255, 'k');
        const exchange = await session.send(create, { body: await validBody(session, create), ...withKey(key) });
        expectSuccess(session, exchange, create, 'the longest key', 'the longest key');
      }),
      check: 'positive_data_acceptance',
    },
    rejectedKeyCase('a key that is too long', 'k'.repeat(256)),
    rejectedKeyCase('a key with a space', 'a b'),
  ];
}
