import { type Contract, type Operation, parameterPointer } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { RequestOptions } from '../http-client.ts';
import type { Session } from '../session.ts';
import { createTestApp, listApps } from './apps.ts';
import type { Case } from './case.ts';
import { hasParameter } from './conditional-requests.ts';
import { expectSuccess, expectTrue, followsFromRejection } from './expectations.ts';
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
  const second = await createTestApp(session, change, options);
  if (first === undefined || second === undefined) return;
  const violation = {
    check,
    pointer: parameterPointer(session.contract, create, 'Idempotency-Key'),
    cause: 'a repeated request is carried out again',
  };
  const isReplayed = isDeepEqual(first.exchange.response.json, second.exchange.response.json);
  const different = 'a repeated request with the same key and body got a different response';
  expectTrue(session, second.exchange, create, isReplayed, { ...violation, message: different });
  const listed = Object.keys(query).length > 0 ? await listApps(session, query) : undefined;
  if (listed === undefined) return;
  const message = `a repeated request with the same key and body left ${listed.apps.length} apps instead of one`;
  const followsFrom = ['use_after_free: the list contains*', ...followsFromFilters(query)];
  expectTrue(session, second.exchange, create, listed.apps.length <= 1, { ...violation, followsFrom, message });
}

/** Returns a change of one field that no rule ties to others. */
function otherField({ contract }: Session, create: Operation): Record<string, unknown> {
  const changes = listChanges(contract, create);
  const [field, value] = changes.find(([name]) => name === 'name') ?? changes[0] ?? [];
  return field === undefined ? {} : { [field]: value };
}

async function checkOtherBody(session: Session, create: Operation) {
  const options = withKey();
  if ((await createTestApp(session, {}, options)) === undefined) return;
  const body = { ...(await validBody(session, create)), ...otherField(session, create) };
  const exchange = await session.send(create, { body, ...options });
  const message = `a key with another body got ${exchange.response.status} instead of 422`;
  const { status } = exchange.response;
  const followsFrom = [`${check}: a repeated request is carried out again`, ...followsFromRejection(status)];
  const cause = `a key with another body gets ${exchange.response.status} instead of 422`;
  session.expectStatus(exchange, create, 422, {
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
