import { bodySchemaOf, type Contract, type Operation, pointerOf } from '../contract.ts';
import { type Session, toQuery } from '../session.ts';
import { type Case, exampleBody, expectTrue, isSame, makeApp, readApp, type ShownApp } from './case.ts';

/** The life of an OAuth app: made, found, changed, removed, and seen by nobody else. */

interface List {
  data?: ShownApp[];
}

/** The listed apps, or undefined where listing is no success. */
export async function listApps(
  session: Session,
  list: Operation,
  query: Record<string, unknown>,
  authorization?: string,
) {
  const exchange = await session.send(list, { query: toQuery(query), authorization });
  const { status, json } = exchange.response;
  return { exchange, apps: status === 200 ? ((json as List | undefined)?.data ?? []) : undefined };
}

const hasId = (apps: readonly ShownApp[] | undefined, id: string) => apps?.some((app) => app.id === id) ?? false;

/** A value for metadata that no other app has. */
const marker = () => ({ conformance: crypto.randomUUID() });

function available(list: Operation, get: Operation): Case {
  return {
    name: 'a created app is there at once',
    operationId: get.operationId,
    check: 'ensure_resource_availability',
    changesThings: true,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      const read = await session.send(get, { id: made.app.id });
      const breach = { check: 'ensure_resource_availability' as const, pointer: get.pointer };
      session.expectStatus(read, get, 200, { ...breach, message: 'an app is not found right after it was created' });
      const { exchange, apps } = await listApps(session, list, {});
      const message = 'an app is not listed right after it was created';
      expectTrue(session, exchange, list, hasId(apps, made.app.id), { ...breach, pointer: list.pointer, message });
    },
  };
}

function afterDelete(contract: Contract, remove: Operation, list: Operation): Case {
  return {
    name: 'a deleted app is gone from every operation',
    operationId: remove.operationId,
    check: 'use_after_free',
    changesThings: true,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      const { id } = made.app;
      const removed = await session.send(remove, { id });
      const refusal = {
        check: 'positive_data_acceptance' as const,
        message: 'an app cannot be deleted',
        pointer: remove.pointer,
      };
      if (!session.expectStatus(removed, remove, 200, refusal)) return;
      for (const operation of contract.operations.filter(({ path }) => path.includes('{'))) {
        const body = operation.requestBody ? { body: exampleBody(session, operation) } : {};
        const exchange = await session.send(operation, { id, ...body });
        const message = `${operation.operationId} answers ${exchange.response.status} for a deleted app`;
        session.expectStatus(exchange, operation, 404, {
          check: 'use_after_free',
          message,
          pointer: operation.pointer,
        });
      }
      const { exchange, apps } = await listApps(session, list, {});
      const breach = { check: 'use_after_free' as const, message: 'a deleted app is listed', pointer: list.pointer };
      expectTrue(session, exchange, list, !hasId(apps, id), breach);
    },
  };
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
    changesThings: true,
    async run(session) {
      const made = await makeApp(session, { metadata: { kept: { a: 1 }, replaced: false } });
      if (made === undefined) return;
      const before = (await readApp(session, made.app.id))?.app;
      const exchange = await session.send(update, { id: made.app.id, body });
      const refusal = {
        check: 'positive_data_acceptance' as const,
        message: 'a valid update is refused',
        pointer: update.pointer,
      };
      if (!session.expectStatus(exchange, update, 200, refusal) || before === undefined) return;
      const expected: Record<string, unknown> = { ...before, ...body, client_secret: before.client_secret };
      const after = (await readApp(session, made.app.id))?.app;
      const isMoving = (field: string) => field === 'updated_at' || field === 'health';
      for (const [source, app] of [
        ['the answer', exchange.response.json as ShownApp],
        ['the app', after],
      ] as const) {
        const names = Object.keys(expected).filter((field) => !isMoving(field));
        const wrong = names.filter((field) => !isSame(expected[field], app?.[field]));
        const message = `after an update of ${name}, ${source} has an unexpected ${wrong.join(', ')}`;
        const breach = { check: 'partial_update' as const, message, pointer: `${update.pointer}/description` };
        expectTrue(session, exchange, update, wrong.length === 0, breach);
      }
    },
  }));
}

interface FilterTry {
  readonly name: string;
  readonly query: Record<string, unknown>;
  readonly isIn: boolean;
}

/** Filters, each tried on an app that has to be in the answer or not. */
function filterCases(contract: Contract, list: Operation): Case[] {
  const mark = marker();
  const metadata = { ...mark, n: 42, s: '42', list: [1, 2], deep: { a: 1, b: [] }, none: null };
  const match = (more: object) => JSON.stringify({ ...mark, ...more });
  const tries: FilterTry[] = [
    { name: 'metadata equal', query: { metadata: match({ n: 42 }) }, isIn: true },
    { name: 'metadata of another type', query: { metadata: match({ n: '42' }) }, isIn: false },
    { name: 'metadata of another value', query: { metadata: match({ n: 43 }) }, isIn: false },
    { name: 'a missing metadata property', query: { metadata: match({ missing: null }) }, isIn: false },
    { name: 'nested metadata whole', query: { metadata: match({ deep: { b: [], a: 1 } }) }, isIn: true },
    { name: 'nested metadata in part', query: { metadata: match({ deep: { a: 1 } }) }, isIn: false },
    { name: 'a list in another order', query: { metadata: match({ list: [2, 1] }) }, isIn: false },
    { name: 'its provider', query: { provider: 'github', metadata: match({}) }, isIn: true },
    { name: 'another provider', query: { provider: 'stripe', metadata: match({}) }, isIn: false },
    { name: 'metadata and another provider', query: { provider: 'linear', metadata: match({ n: 42 }) }, isIn: false },
  ];
  const providers = contract.deref<{ enum: string[] }>({ $ref: '#/components/schemas/Provider' }).enum;
  return [
    ...tries.map(({ name, query, isIn }) =>
      filterCase(
        list,
        `${name} ${isIn ? 'finds' : 'does not find'} the app`,
        query,
        { provider: 'github', metadata },
        isIn,
      ),
    ),
    ...providers.map((provider) =>
      filterCase(
        list,
        `the provider ${provider} finds its apps alone`,
        { provider, metadata: JSON.stringify(mark) },
        { provider, metadata: mark },
        true,
      ),
    ),
    healthCase(contract, list),
    truncateCase(list),
  ];
}

function filterCase(
  list: Operation,
  name: string,
  query: Record<string, unknown>,
  change: Record<string, unknown>,
  isIn: boolean,
): Case {
  return {
    name: `listing by ${name}`,
    operationId: list.operationId,
    check: 'filter_semantics',
    changesThings: true,
    async run(session) {
      const made = await makeApp(session, change);
      if (made === undefined) return;
      const { exchange, apps } = await listApps(session, list, query);
      if (apps === undefined) return;
      const breach = { check: 'filter_semantics' as const, pointer: `${list.pointer}/parameters` };
      const found = hasId(apps, made.app.id);
      expectTrue(session, exchange, list, found === isIn, {
        ...breach,
        message: `${name}: ${found ? 'found' : 'not found'}`,
      });
      const { provider } = query;
      const isMixed = provider !== undefined && apps.some((app) => app.provider !== provider);
      expectTrue(session, exchange, list, !isMixed, { ...breach, message: 'apps of another provider are listed' });
    },
  };
}

/** Every health status lists the apps that show it, and no others. */
function healthCase(contract: Contract, list: Operation): Case {
  const statuses = contract.deref<{ enum: string[] }>({ $ref: '#/components/schemas/HealthStatus' }).enum;
  return {
    name: 'the health filter lists what shows that health',
    operationId: list.operationId,
    check: 'filter_semantics',
    changesThings: true,
    async run(session) {
      const made = await makeApp(session);
      if (made === undefined) return;
      const own = (made.app.health as { status?: string } | undefined)?.status;
      for (const status of statuses) {
        const { exchange, apps } = await listApps(session, list, { 'health.status': status });
        if (apps === undefined) continue;
        const isMixed = apps.some((app) => (app.health as { status?: string } | undefined)?.status !== status);
        const breach = { check: 'filter_semantics' as const, pointer: `${list.pointer}/parameters` };
        // Health may be left out of an answer; then nothing can be said about it.
        const isShown = own !== undefined;
        const message = `health.status=${status} lists apps of another health`;
        expectTrue(session, exchange, list, !isShown || !isMixed, { ...breach, message });
        const isRight = !isShown || hasId(apps, made.app.id) === (own === status);
        expectTrue(session, exchange, list, isRight, { ...breach, message: `health.status=${status} misses an app` });
      }
    },
  };
}

/** Full secrets come with truncate_secrets=false and in no other way. */
function truncateCase(list: Operation): Case {
  return {
    name: 'full secrets come with truncate_secrets=false alone',
    operationId: list.operationId,
    check: 'secret_masking',
    changesThings: true,
    async run(session) {
      const secret = `secret-${crypto.randomUUID()}`;
      const made = await makeApp(session, { client_secret: secret });
      if (made === undefined) return;
      await listApps(session, list, { truncate_secrets: true });
      const { exchange, apps } = await listApps(session, list, { truncate_secrets: false });
      if (apps === undefined) return;
      const shown = apps.find((app) => app.id === made.app.id)?.client_secret;
      const message = 'truncate_secrets=false does not show the secret that was stored';
      const breach = { check: 'read_your_writes' as const, message, pointer: `${list.pointer}/parameters` };
      expectTrue(session, exchange, list, shown === secret, breach);
    },
  };
}

/** What belongs to one account does not exist for another. */
function isolation(contract: Contract, list: Operation): Case[] {
  const common = { check: 'account_isolation' as const, changesThings: true, needsOtherToken: true };
  const single = contract.operations.filter(({ path }) => path.includes('{'));
  return [
    ...single.map(
      (operation): Case => ({
        ...common,
        name: `${operation.operationId} does not see another account`,
        operationId: operation.operationId,
        async run(session) {
          const made = await makeApp(session);
          if (made === undefined) return;
          const authorization = `Bearer ${session.target.otherToken}`;
          const body = operation.requestBody ? { body: exampleBody(session, operation) } : {};
          const exchange = await session.send(operation, { id: made.app.id, authorization, ...body });
          const message = `another account's app is answered with ${exchange.response.status}, not 404`;
          session.expectStatus(exchange, operation, 404, { check: common.check, message, pointer: operation.pointer });
          const kept = (await readApp(session, made.app.id))?.app;
          const breach = {
            check: common.check,
            message: 'another account changed the app',
            pointer: operation.pointer,
          };
          expectTrue(session, exchange, operation, isSame({ ...kept, health: 0 }, { ...made.app, health: 0 }), breach);
        },
      }),
    ),
    {
      ...common,
      name: 'the list does not show another account',
      operationId: list.operationId,
      async run(session) {
        const made = await makeApp(session);
        if (made === undefined) return;
        const { exchange, apps } = await listApps(session, list, {}, `Bearer ${session.target.otherToken}`);
        const breach = { check: common.check, message: "another account's app is listed", pointer: list.pointer };
        expectTrue(session, exchange, list, !hasId(apps, made.app.id), breach);
      },
    },
  ];
}

/** Each create makes an app of its own, with an id that is not its client_id. */
function twins(create: Operation): Case {
  return {
    name: 'the same body twice makes two apps',
    operationId: create.operationId,
    check: 'read_your_writes',
    changesThings: true,
    async run(session) {
      const [first, second] = [await makeApp(session), await makeApp(session)];
      if (first === undefined || second === undefined) return;
      const breach = { check: 'read_your_writes' as const, pointer: pointerOf('components', 'schemas', 'OAuthApp') };
      const isTwo = first.app.id !== second.app.id;
      expectTrue(session, second.exchange, create, isTwo, { ...breach, message: 'two creates made one app' });
    },
  };
}

/** Every case about the life of an app. */
export function lifeCases(contract: Contract): Case[] {
  const [list, create, get, update, remove] = ['list', 'create', 'get', 'update', 'delete'].map(contract.find);
  if (!list || !create || !get) return [];
  return [
    available(list, get),
    twins(create),
    ...filterCases(contract, list),
    ...isolation(contract, list),
    ...(update ? partialUpdates(contract, update) : []),
    ...(remove ? [afterDelete(contract, remove, list)] : []),
  ];
}
