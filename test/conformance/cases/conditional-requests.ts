import { type Contract, type Operation, parameterPointer } from '../contract.ts';
import type { Exchange } from '../exchange.ts';
import type { Session } from '../session.ts';
import { createTestApp, isUnchanged, type ReceivedApp, readApp } from './apps.ts';
import type { Case } from './case.ts';
import { expectTrue, followsFromRejecting, followsFromRejection, followsFromStub } from './expectations.ts';
import { changeBody } from './fields.ts';

/** Conditional requests (RFC 9110, section 13), an extension. Sent to operations that have the header as a parameter. */

const check = 'conditional_requests' as const;
const level = 'extension' as const;

/** Returns whether an operation has a parameter at the level of the contract. */
export const hasParameter = (contract: Contract, operation: Operation | undefined, name: string) =>
  operation?.parameters.some((parameter) => parameter.name === name && contract.requires(parameter)) ?? false;

/** Returns the weak form of an entity tag. */
const weaken = (etag: string) => (etag.startsWith('W/') ? etag : `W/${etag}`);
const etagIn = ({ response }: Exchange) => response.headers.get('etag') ?? '';
const isStrong = (exchange: Exchange) => /^"[!#-~]*"$/.test(etagIn(exchange));
const isEntityTag = (text: string) => /^(W\/)?"[!#-~]*"$/.test(text);
const etagOf = (exchange: Exchange) => etagIn(exchange) || '""';

interface Condition {
  readonly name: string;
  /** Returns the value of the header, made from the current ETag. */
  readonly value: (etag: string) => string;
  readonly status: number;
}

const wrongETag = 'response_headers_conformance: the header ETag*';

/** Causes that also make a condition with the current ETag fail. */
const followsFromETag = [
  'conditional_requests: a proxy in between rewrites ETags',
  'conditional_requests: create and get return different ETags',
  'conditional_requests: an update does not change the ETag',
];

const isIgnored = (got: number, expected: number) => got >= 200 && got < 300 && expected !== 200;

function conditionCase(operation: Operation, header: string, { name, value, status }: Condition): Case {
  const base = header === 'If-Match' ? 'of another version' : 'of the current version';
  return {
    name: `${operation.operationId} with ${header} ${name} is ${status}`,
    kind: `${status}`,
    operationId: operation.operationId,
    check,
    level,
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session);
      if (created === undefined) return;
      const body = operation.requestBody ? { body: await changeBody(session, operation) } : {};
      const etag = etagOf(created.exchange);
      const headers = { [header]: value(etag) };
      // A made-up version needs no ETag, and one that is wrong in another response explains nothing here.
      // If-None-Match compares weakly, so that a weak ETag matches.
      const isUsable = header === 'If-None-Match' ? isEntityTag(etagIn(created.exchange)) : isStrong(created.exchange);
      const ofETag = value(etag).includes(etag) ? [...followsFromETag, ...(isUsable ? [] : [wrongETag])] : [];
      const exchange = await session.send(operation, { id: created.app.id, headers, ...body });
      const message = `${header} ${name} got ${exchange.response.status} instead of ${status}`;
      const { status: got } = exchange.response;
      const violation = {
        check,
        message,
        // One of them is enough to see that the header has no effect.
        cause: isIgnored(got, status)
          ? `${header} ${name} is ignored`
          : `${header} ${name} gets ${got} instead of ${status}`,
        followsFrom: [
          ...ofETag,
          ...followsFromStub(operation),
          ...(status === 422 && got >= 400 ? followsFromRejection(got) : []),
          ...(base === name ? [] : [`${check}: ${header} ${base} is ignored`]),
        ],
        pointer: parameterPointer(session.contract, operation, header),
      };
      const isExpected = session.expectStatus(exchange, operation, status, violation);
      const isRejected = isExpected && (status === 412 || status === 422);
      if (isRejected) await expectUnchanged(session, exchange, operation, created.app);
    },
  };
}

/** Reports an app that a rejected write has changed. */
async function expectUnchanged(session: Session, exchange: Exchange, operation: Operation, before: ReceivedApp) {
  const { status } = exchange.response;
  const holds = await isUnchanged(session, before, (await readApp(session, before.id))?.app);
  const message = `a write changed the app despite ${status}`;
  const pointer = `${operation.pointer}/responses/${status}`;
  // Whatever the rejection is about, the update was carried out.
  const followsFrom = status === 412 ? [] : ['negative_data_rejection: a rejected update changes the app'];
  expectTrue(session, exchange, operation, holds, { check, message, followsFrom, pointer });
}

/** Returns a case about the ETag, which stays the same until the app changes. */
function changedETagCase(update: Operation): Case {
  return {
    name: 'the ETag changes with every update',
    operationId: update.operationId,
    check,
    level,
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session);
      if (created === undefined) return;
      const read = await readApp(session, created.app.id);
      const updated = await session.send(update, { id: created.app.id, body: await changeBody(session, update) });
      const pointer = `${update.pointer}/responses/200/headers/ETag`;
      // An ETag that is wrong in a third response explains nothing.
      const expectETags = (other: Exchange, holds: boolean, message: string) => {
        const wrong = isStrong(other) && isStrong(created.exchange) ? [] : [wrongETag];
        const followsFrom = [...wrong, ...followsFromRejecting(update)];
        expectTrue(session, updated, update, holds, { check, message, followsFrom, pointer });
      };
      const etag = etagOf(created.exchange);
      if (read) expectETags(read.exchange, etagOf(read.exchange) === etag, differentCause);
      expectETags(updated, etagOf(updated) !== etag, 'an update does not change the ETag');
    },
  };
}

const differentCause = 'create and get return different ETags';
const unstableCause = 'the ETag changes without an update';

/** Reports a response that is encoded though its request accepts none (RFC 9110, 12.5.3). */
function expectPlain(session: Session, exchange: Exchange, operation: Operation) {
  const coding = exchange.response.headers.get('content-encoding') ?? 'identity';
  const message = `the content encoding is ${coding}, and the request accepts none`;
  const violation = { check: 'content_type_conformance' as const, message, pointer: operation.pointer };
  const cause = 'a response is encoded that has to be plain';
  expectTrue(session, exchange, operation, coding === 'identity', { ...violation, cause, provenance: level });
}

/** Returns a case about an ETag that a proxy in between rewrites, for instance when it compresses a response. */
function rewrittenETagCase(get: Operation): Case {
  return {
    name: 'the ETag is the same with and without compression',
    operationId: get.operationId,
    check,
    alsoChecks: ['content_type_conformance'],
    level,
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session);
      if (created === undefined) return;
      const { id } = created.app;
      const sendFor = (coding: string) => session.send(get, { id, headers: { 'Accept-Encoding': coding } });
      const [plain, again, compressed] = [await sendFor('identity'), await sendFor('identity'), await sendFor('gzip')];
      expectPlain(session, plain, get);
      const isStable = etagOf(plain) === etagOf(again);
      const unstable = {
        check,
        message: unstableCause,
        followsFrom: [`${check}: ${differentCause}`],
        pointer: get.pointer,
      };
      expectTrue(session, again, get, isStable, unstable);
      const isSame = !isStable || etagOf(plain) === etagOf(compressed);
      const message = 'the ETag of a response that may be compressed differs: a proxy in between rewrites it';
      const pointer = `${get.pointer}/responses/200/headers/ETag`;
      const violation = { check, message, cause: rewrittenCause, pointer };
      expectTrue(session, compressed, get, isSame, violation);
    },
  };
}

const rewrittenCause = 'a proxy in between rewrites ETags';

/** Conditions of If-Match (RFC 9110, section 13.1.1), which compares strongly. */
const ifMatchConditions: readonly Condition[] = [
  { name: 'of the current version', value: (etag) => etag, status: 200 },
  { name: 'of another version', value: () => '"no-such-version"', status: 412 },
  { name: 'of a list with the current version', value: (etag) => `"no-such-version", ${etag}`, status: 200 },
  { name: '*', value: () => '*', status: 200 },
  { name: 'of a weak ETag', value: weaken, status: 412 },
  { name: 'that is malformed', value: () => 'no-quotes', status: 422 },
];

/** Conditions of If-None-Match (RFC 9110, section 13.1.2), which compares weakly. */
const ifNoneMatchConditions: readonly Condition[] = [
  { name: 'of the current version', value: (etag) => etag, status: 304 },
  { name: 'of a weak ETag', value: weaken, status: 304 },
  { name: 'of another version', value: () => '"no-such-version"', status: 200 },
  { name: 'that is malformed', value: () => 'no-quotes', status: 422 },
];

/** Returns the cases about conditional requests. */
export function conditionalRequestCases(contract: Contract): Case[] {
  const [get, update, remove] = (['get', 'update', 'delete'] as const).map(contract.findOperation);
  const casesOf = (operation: Operation | undefined, header: string, conditions: readonly Condition[]) =>
    operation && hasParameter(contract, operation, header)
      ? conditions.map((condition) => conditionCase(operation, header, condition))
      : [];
  return [
    ...casesOf(update, 'If-Match', ifMatchConditions),
    ...casesOf(remove, 'If-Match', ifMatchConditions),
    ...casesOf(get, 'If-None-Match', ifNoneMatchConditions),
    ...(update && hasParameter(contract, update, 'If-Match') ? [changedETagCase(update)] : []),
    ...(get && hasParameter(contract, get, 'If-None-Match') ? [rewrittenETagCase(get)] : []),
  ];
}
