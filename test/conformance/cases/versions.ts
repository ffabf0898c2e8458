import type { Contract, Operation } from '../contract.ts';
import type { Exchange } from '../exchange.ts';
import type { Sending, Session } from '../session.ts';
import { type Case, exampleBody, expectTrue, isSame, makeApp, readApp, type ShownApp } from './case.ts';
import { listApps } from './life.ts';

/** What the description has beyond Sequin's pages: versions, repeats, pages. Tried where the parameters are there. */

const hasParameter = (contract: Contract, operation: Operation | undefined, name: string) =>
  operation?.parameters.some((parameter) => parameter.name === name && contract.demands(parameter)) ?? false;

const tagOf = ({ response }: Exchange) => response.headers.get('etag') ?? '""';

interface Condition {
  readonly name: string;
  /** The header's value, made from the current tag. */
  readonly value: (tag: string) => string;
  readonly status: number;
}

function conditionCases(operation: Operation, header: string, conditions: readonly Condition[]): Case[] {
  return conditions.map(({ name, value, status }) => ({
    name: `${operation.operationId} with ${header} ${name} is ${status}`,
    operationId: operation.operationId,
    check: 'conditional_requests',
    changesThings: true,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      const body = operation.requestBody ? { body: exampleBody(session, operation) } : {};
      const headers = { [header]: value(tagOf(made.exchange)) };
      const exchange = await session.send(operation, { id: made.app.id, headers, ...body });
      const message = `${header} ${name} is answered with ${exchange.response.status}, not ${status}`;
      const breach = { check: 'conditional_requests' as const, message, pointer: `${operation.pointer}/parameters` };
      session.expectStatus(exchange, operation, status, breach);
      if (status !== 412) return;
      const kept = (await readApp(session, made.app.id))?.app;
      const isKept = isSame(kept?.name, made.app.name);
      expectTrue(session, exchange, operation, isKept, { ...breach, message: 'a write was done in spite of 412' });
    },
  }));
}

/** A tag is the same as long as the app is, and another one after each change. */
function changingTag(update: Operation): Case {
  return {
    name: 'the ETag changes with every update',
    operationId: update.operationId,
    check: 'conditional_requests',
    changesThings: true,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      const read = await readApp(session, made.app.id);
      const updated = await session.send(update, { id: made.app.id, body: { name: 'Changed' } });
      const breach = {
        check: 'conditional_requests' as const,
        pointer: `${update.pointer}/responses/200/headers/ETag`,
      };
      const isSameTag = read !== undefined && tagOf(read.exchange) === tagOf(made.exchange);
      expectTrue(session, updated, update, isSameTag, { ...breach, message: 'create and get give different ETags' });
      const isNew = tagOf(updated) !== tagOf(made.exchange);
      expectTrue(session, updated, update, isNew, { ...breach, message: 'an update leaves the ETag as it was' });
    },
  };
}

function versionCases(contract: Contract): Case[] {
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
  const writes = [update, remove].filter((operation) => operation && hasParameter(contract, operation, 'If-Match'));
  return [
    ...writes.flatMap((operation) => conditionCases(operation as Operation, 'If-Match', matching)),
    ...(get && hasParameter(contract, get, 'If-None-Match') ? conditionCases(get, 'If-None-Match', unknown) : []),
    ...(update && writes.length > 0 ? [changingTag(update)] : []),
  ];
}

/** A create with a key, sent again. */
function repeatCases(contract: Contract): Case[] {
  const create = contract.find('create');
  if (!create || !hasParameter(contract, create, 'Idempotency-Key')) return [];
  const { operationId } = create;
  const common = { operationId, check: 'idempotent_repeats' as const, changesThings: true };
  const pointer = `${create.pointer}/parameters`;
  const withKey = (key: string = crypto.randomUUID()): Sending => ({ headers: { 'Idempotency-Key': key } });
  const refuse = (name: string, key: string): Case => ({
    ...common,
    name: `${operationId} refuses ${name}`,
    async run(session) {
      const exchange = await session.send(create, { body: exampleBody(session, create), ...withKey(key) });
      const message = `${name} is answered with ${exchange.response.status}, not 422`;
      session.expectStatus(exchange, create, 422, { check: common.check, message, pointer });
    },
  });
  return [
    {
      ...common,
      name: `${operationId} repeated with its key gives the first answer`,
      async run(session) {
        const sending = withKey();
        const first = await makeApp(session, {}, sending);
        const again = await makeApp(session, {}, sending);
        if (first === undefined || again === undefined) return;
        const isAgain = isSame(first.exchange.response.json, again.exchange.response.json);
        const message = 'a repeat with the same key and body gets another answer';
        expectTrue(session, again.exchange, create, isAgain, { check: common.check, message, pointer });
      },
    },
    {
      ...common,
      name: `${operationId} refuses a key with another body`,
      async run(session) {
        const sending = withKey();
        if ((await makeApp(session, {}, sending)) === undefined) return;
        const body = { ...exampleBody(session, create), name: 'Another body' };
        const exchange = await session.send(create, { body, ...sending });
        const message = `a key with another body is answered with ${exchange.response.status}, not 422`;
        session.expectStatus(exchange, create, 422, { check: common.check, message, pointer });
      },
    },
    refuse('a key that is too long', 'k'.repeat(256)),
    refuse('a key with a space', 'a b'),
  ];
}

interface Page {
  data?: ShownApp[];
  next_cursor?: string;
}

const pageSize = 3;

/** Walks through the pages of what a metadata filter finds; undefined where a page is no success. */
async function walk(session: Session, list: Operation, metadata: string, between: (page: number) => Promise<void>) {
  const ids: string[] = [];
  let cursor: string | undefined;
  let last: Exchange | undefined;
  // More pages than there can be: a cursor that never ends is found by what it repeats.
  for (let page = 1; page <= 10; page += 1) {
    const query = { limit: pageSize, metadata, ...(cursor && { cursor }) };
    const { exchange, apps } = await listApps(session, list, query);
    if (apps === undefined) return undefined;
    ids.push(...apps.map(({ id }) => id));
    last = exchange;
    cursor = (exchange.response.json as Page).next_cursor;
    if (cursor === undefined) break;
    await between(page);
  }
  return { ids, last };
}

function pagingCases(contract: Contract): Case[] {
  const list = contract.find('list');
  const remove = contract.find('delete');
  if (!list || !hasParameter(contract, list, 'cursor')) return [];
  const { operationId } = list;
  const common = { operationId, check: 'stable_paging' as const, changesThings: true };
  const pointer = `${list.pointer}/parameters`;
  const walkCase = (name: string, between: (session: Session, ids: string[]) => Promise<void>): Case => ({
    ...common,
    name: `pages ${name} show each app once, in order`,
    async run(session) {
      const metadata = { conformance: crypto.randomUUID() };
      const made: string[] = [];
      for (let count = 0; count < 2 * pageSize + 1; count += 1) {
        const app = await makeApp(session, { metadata });
        if (app) made.push(app.app.id);
      }
      const removed = made[0] as string;
      const walked = await walk(session, list, JSON.stringify(metadata), (page) =>
        page === 1 ? between(session, [removed]) : Promise.resolve(),
      );
      if (walked?.last === undefined) return;
      const seen = walked.ids.filter((id) => made.includes(id));
      const message = `${made.length} apps in pages of ${pageSize} gave ${seen.length}, ${new Set(seen).size} of them different`;
      expectTrue(session, walked.last, list, isSame(seen, made), { check: common.check, message, pointer });
    },
  });
  const refuse = (name: string, cursor: (valid: string) => string): Case => ({
    ...common,
    name: `${operationId} refuses ${name}`,
    async run(session) {
      for (let count = 0; count < 2; count += 1) await makeApp(session);
      const { exchange: first } = await listApps(session, list, { limit: 1 });
      const valid = (first.response.json as Page | undefined)?.next_cursor ?? 'none';
      const { exchange } = await listApps(session, list, { limit: 1, cursor: cursor(valid) });
      const message = `${name} is answered with ${exchange.response.status}, not 422`;
      session.expectStatus(exchange, list, 422, { check: common.check, message, pointer });
    },
  });
  return [
    walkCase('one after the other', async () => {}),
    walkCase('while apps come and go', async (session, [id]) => {
      await makeApp(session);
      if (remove && id) await session.send(remove, { id });
    }),
    refuse('a made-up cursor', () => 'no-such-cursor'),
    refuse('a cursor that was changed', (valid) => `${valid.slice(0, -1)}${valid.endsWith('A') ? 'B' : 'A'}`),
  ];
}

/** Every case about versions, repeats and pages. */
export function versionAndPageCases(contract: Contract): Case[] {
  return [...versionCases(contract), ...repeatCases(contract), ...pagingCases(contract)];
}
