import type { Contract, Operation } from '../contract.ts';
import type { Exchange } from '../exchange.ts';
import type { Session } from '../session.ts';
import { type Case, expectTrue, isSame, makeApp, readApp } from './case.ts';

/** Versions of an app, which the description has beyond Sequin's pages. Tried where the parameters are there. */

const check = 'conditional_requests' as const;
const level = 'extension' as const;

/** Whether an operation takes a parameter. */
export const hasParameter = (contract: Contract, operation: Operation | undefined, name: string) =>
  operation?.parameters.some((parameter) => parameter.name === name && contract.demands(parameter)) ?? false;

const tagOf = ({ response }: Exchange) => response.headers.get('etag') ?? '""';

interface Condition {
  readonly name: string;
  /** The header's value, made from the current tag. */
  readonly value: (tag: string) => string;
  readonly status: number;
}

function conditionCase(operation: Operation, header: string, { name, value, status }: Condition): Case {
  return {
    name: `${operation.operationId} with ${header} ${name} is ${status}`,
    operationId: operation.operationId,
    check,
    level,
    changesThings: true,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      const body = operation.requestBody ? { body: { name: 'Changed' } } : {};
      const headers = { [header]: value(tagOf(made.exchange)) };
      const exchange = await session.send(operation, { id: made.app.id, headers, ...body });
      const message = `${header} ${name} is answered with ${exchange.response.status}, not ${status}`;
      const breach = { check, message, pointer: `${operation.pointer}/parameters` };
      const isExpected = session.expectStatus(exchange, operation, status, breach);
      if (isExpected && (status === 412 || status === 422)) await expectKept(session, exchange, operation, made.app);
    },
  };
}

/** Demands that an app is as it was, in spite of a write that was refused. */
async function expectKept(session: Session, exchange: Exchange, operation: Operation, before: { id: string }) {
  const { status } = exchange.response;
  const after = (await readApp(session, before.id))?.app;
  const isKept = after === undefined || isSame({ ...after, health: 0 }, { ...before, health: 0 });
  const message = `a write was done in spite of ${status}`;
  const pointer = `${operation.pointer}/responses/${status}`;
  expectTrue(session, exchange, operation, isKept, { check, message, pointer });
}

/** A tag is the same as long as the app is, and another one after each change. */
function changingTag(update: Operation): Case {
  return {
    name: 'the ETag changes with every update',
    operationId: update.operationId,
    check,
    level,
    changesThings: true,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      const read = await readApp(session, made.app.id);
      const updated = await session.send(update, { id: made.app.id, body: { name: 'Changed' } });
      const breach = { check, pointer: `${update.pointer}/responses/200/headers/ETag` };
      const isSameTag = read === undefined || tagOf(read.exchange) === tagOf(made.exchange);
      expectTrue(session, updated, update, isSameTag, { ...breach, message: 'create and get give different ETags' });
      const isNew = tagOf(updated) !== tagOf(made.exchange);
      expectTrue(session, updated, update, isNew, { ...breach, message: 'an update leaves the ETag as it was' });
    },
  };
}

/** Every case about versions. */
export function versionCases(contract: Contract): Case[] {
  const [get, update, remove] = ['get', 'update', 'delete'].map(contract.find);
  const matching: Condition[] = [
    { name: 'of the current version', value: (tag) => tag, status: 200 },
    { name: 'of another version', value: () => '"no-such-version"', status: 412 },
    { name: 'of a list with the current version', value: (tag) => `"no-such-version", ${tag}`, status: 200 },
    { name: '*', value: () => '*', status: 200 },
    { name: 'of a weak tag', value: (tag) => `W/${tag}`, status: 412 },
    { name: 'that is malformed', value: () => 'no-quotes', status: 422 },
  ];
  const unknown: Condition[] = [
    { name: 'of the current version', value: (tag) => tag, status: 304 },
    { name: 'of a weak tag', value: (tag) => `W/${tag}`, status: 304 },
    { name: 'of another version', value: () => '"no-such-version"', status: 200 },
    { name: 'that is malformed', value: () => 'no-quotes', status: 422 },
  ];
  const casesOf = (operation: Operation | undefined, header: string, conditions: readonly Condition[]) =>
    operation && hasParameter(contract, operation, header)
      ? conditions.map((condition) => conditionCase(operation, header, condition))
      : [];
  return [
    ...casesOf(update, 'If-Match', matching),
    ...casesOf(remove, 'If-Match', matching),
    ...casesOf(get, 'If-None-Match', unknown),
    ...(update && hasParameter(contract, update, 'If-Match') ? [changingTag(update)] : []),
  ];
}
