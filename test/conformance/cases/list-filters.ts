import {
  type Contract,
  examplesOf,
  higherLevel,
  type Level,
  type Operation,
  type Parameter,
  provenanceOf,
  type Schema,
} from '../contract.ts';
import { toQuery } from '../http-client.ts';
import {
  type Case,
  createTestApp,
  expectSuccess,
  expectTrue,
  hasId,
  listApps,
  listedApps,
  type ReceivedApp,
  revealSecret,
} from './case.ts';

/** Query parameters of the list: filters, `truncate_secrets`, and every valid value of each parameter. */

interface FilterQuery {
  readonly name: string;
  readonly query: Record<string, unknown>;
  /** Whether the list contains the app of the case. */
  readonly isMatch: boolean;
  /**
   * Level that requires the result.
   *
   * @default 'inferred'
   */
  readonly level?: Level;
}

/** Returns metadata that no other app has. */
const uniqueMetadata = () => ({ conformance: crypto.randomUUID() });

const oneWrongValue = 'one right and one wrong value';

/** Returns the metadata of an app, and queries that match the app or not. */
function filterQueries(): { metadata: object; queries: FilterQuery[] } {
  const unique = uniqueMetadata();
  const match = (more: object) => JSON.stringify({ ...unique, ...more });
  const documented = { level: 'documented' as const };
  return {
    metadata: { ...unique, n: 42, s: '42', list: [1, 2], deep: { a: 1, b: [] }, none: null },
    queries: [
      { name: 'a metadata property', query: { metadata: JSON.stringify({ n: 42 }) }, isMatch: true, ...documented },
      { name: 'another value', query: { metadata: JSON.stringify({ n: 43 }) }, isMatch: false, ...documented },
      { name: 'its provider', query: { provider: 'github' }, isMatch: true, ...documented },
      { name: 'another provider', query: { provider: 'stripe' }, isMatch: false, ...documented },
      { name: 'two metadata properties', query: { metadata: match({ n: 42 }) }, isMatch: true },
      { name: 'a value of another type', query: { metadata: match({ n: '42' }) }, isMatch: false },
      { name: oneWrongValue, query: { metadata: match({ n: 43 }) }, isMatch: false },
      { name: 'a property that is null', query: { metadata: match({ none: null }) }, isMatch: true },
      { name: 'null for a missing property', query: { metadata: match({ missing: null }) }, isMatch: false },
      { name: 'a whole nested object', query: { metadata: match({ deep: { b: [], a: 1 } }) }, isMatch: true },
      { name: 'a part of a nested object', query: { metadata: match({ deep: { a: 1 } }) }, isMatch: false },
      { name: 'an array in another order', query: { metadata: match({ list: [2, 1] }) }, isMatch: false },
      { name: 'provider and metadata', query: { provider: 'github', metadata: match({}) }, isMatch: true },
      { name: 'metadata and another provider', query: { provider: 'linear', metadata: match({}) }, isMatch: false },
    ],
  };
}

function filterCases(contract: Contract, list: Operation): Case[] {
  const { metadata, queries } = filterQueries();
  const providers = contract.deref<{ enum: string[] }>({ $ref: '#/components/schemas/Provider' }).enum;
  return [
    ...queries.map((query) => filterCase(list, query, { provider: 'github', metadata })),
    ...providers.map((provider) => {
      const common = { isMatch: true, level: 'documented' as const };
      return filterCase(list, { ...common, name: `the provider ${provider}`, query: { provider } }, { provider });
    }),
  ];
}

/** Causes that also fill lists with other apps. */
const followsFromDeleted = ['use_after_free: the list contains a deleted app', 'account_isolation: the list contains*'];

/** Returns causes that also make a filter compare something else than what was sent. */
const followsFromStored = (names: readonly string[]) =>
  names.map((each) => `read_your_writes: ${each} is not stored as it was sent`);

/** Queries that show that a filter has no effect at all, by the name of the filter. */
const plainMismatches: Readonly<Record<string, string>> = { metadata: 'another value', provider: 'another provider' };

/** Returns the cause of a wrong list. A filter that has no effect at all explains each of its other wrong lists. */
function explain({ name, query, isMatch }: FilterQuery): { cause: string; followsFrom: string[] } {
  const names = Object.keys(query);
  const plain = names.find((each) => plainMismatches[each] === name);
  const missed = (each: string) => `an app that matches the filter ${each} is not found`;
  if (plain !== undefined) return { cause: `the filter ${plain} is ignored`, followsFrom: followsFromDeleted };
  const isOneFilter = names.length === 1;
  if (isMatch)
    return {
      cause: isOneFilter ? missed(names[0] as string) : `listing by ${name} does not find the app`,
      followsFrom: [
        ...followsFromStored(names),
        'ensure_resource_availability: an app is not listed*',
        ...names.map((each) => `filter_semantics: ${missed(each)}`),
      ],
    };
  const followsFrom = names.map((each) => `filter_semantics: the filter ${each} is ignored`);
  if (name !== oneWrongValue) followsFrom.push(`filter_semantics: listing by ${oneWrongValue} finds the app`);
  return { cause: `listing by ${name} finds the app`, followsFrom: [...followsFromStored(names), ...followsFrom] };
}

function filterCase(
  list: Operation,
  { name, query, isMatch, level = 'inferred' }: FilterQuery,
  change: Record<string, unknown>,
): Case {
  return {
    name: `listing by ${name} ${isMatch ? 'finds' : 'does not find'} the app`,
    kind: 'lists',
    operationId: list.operationId,
    check: 'filter_semantics',
    level,
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session, change);
      const listed = created && (await listApps(session, query));
      if (listed === undefined) return;
      const { exchange, apps } = listed;
      const violation = { check: 'filter_semantics' as const, pointer: `${list.pointer}/parameters` };
      const isFound = hasId(apps, created?.app.id ?? '');
      const message = `listing by ${name} ${isFound ? 'finds' : 'does not find'} the app`;
      const { cause, followsFrom } = explain({ name, query, isMatch });
      const isExpected = isFound === isMatch;
      expectTrue(session, exchange, list, isExpected, { ...violation, message, cause, followsFrom });
      const { provider } = query;
      const hasOthers = provider !== undefined && apps.some((app) => app.provider !== provider);
      const others = 'the list contains apps with another provider';
      const ignored = ['filter_semantics: the filter provider is ignored', ...followsFromDeleted];
      expectTrue(session, exchange, list, !hasOthers, { ...violation, message: others, followsFrom: ignored });
    },
  };
}

const healthStatusOf = (app: ReceivedApp) => (app.health as { status?: string } | undefined)?.status;

/** Returns a case that lists by every health status: the list contains the apps with that status, and no others. */
function healthCase(contract: Contract, list: Operation): Case {
  const statuses = contract.deref<{ enum: string[] }>({ $ref: '#/components/schemas/HealthStatus' }).enum;
  return {
    name: 'the health filter lists the apps with that status',
    operationId: list.operationId,
    check: 'filter_semantics',
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session);
      if (created === undefined) return;
      const ownStatus = healthStatusOf(created.app);
      for (const status of statuses) {
        const listed = await listApps(session, { 'health.status': status });
        // Health is optional in a response. Without it the filter cannot be checked.
        if (listed === undefined || ownStatus === undefined) continue;
        const { exchange, apps } = listed;
        const violation = { check: 'filter_semantics' as const, pointer: `${list.pointer}/parameters` };
        const hasOthers = apps.some((app) => healthStatusOf(app) !== status);
        const others = `health.status=${status} lists apps with another health status`;
        const ignored = 'the filter health.status is ignored';
        expectTrue(session, exchange, list, !hasOthers, {
          ...violation,
          message: others,
          cause: ignored,
          followsFrom: followsFromDeleted,
        });
        const isComplete = ownStatus !== status || hasId(apps, created.app.id);
        const missing = `health.status=${status} does not list an app with that health status`;
        const lost = {
          message: missing,
          cause: 'an app that matches the filter health.status is not found',
          followsFrom: ['ensure_resource_availability: an app is not listed*'],
        };
        expectTrue(session, exchange, list, isComplete, { ...violation, ...lost });
      }
    },
  };
}

function truncateCase(list: Operation): Case {
  return {
    name: 'only truncate_secrets=false reveals secrets',
    operationId: list.operationId,
    check: 'secret_masking',
    alsoChecks: ['read_your_writes'],
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session, { client_secret: `secret-${crypto.randomUUID()}` });
      if (created === undefined) return;
      // The checks of every response report the secret in any of these, whether it is a rejection or not.
      await listApps(session, { truncate_secrets: true });
      for (const value of ['True', 'FALSE', '0', 'no', '']) {
        await session.send(list, { query: toQuery({ truncate_secrets: value }) });
      }
      const revealed = await revealSecret(session, created.app);
      if (revealed === undefined) return;
      const message = 'truncate_secrets=false does not show the secret that was stored';
      const cause = 'truncate_secrets=false shows a different secret than the one that was sent';
      const violation = { check: 'read_your_writes' as const, message, cause, pointer: `${list.pointer}/parameters` };
      expectTrue(session, revealed.exchange, list, revealed.secret === created.body.client_secret, violation);
    },
  };
}

/** Returns valid values of a parameter with their levels. `truncate_secrets=false` is left out: it reveals every secret. */
function validValues(contract: Contract, { schema, ...parameter }: Parameter): [value: unknown, level: Level][] {
  const { type, enum: listed = [], minimum, maximum } = contract.deref<Schema & Record<string, unknown>>(schema);
  const boundaries = [minimum, maximum].filter((boundary) => boundary !== undefined);
  const examples = examplesOf(contract, (parameter as { examples?: object }).examples);
  const level = provenanceOf(parameter);
  const ownValues = [...listed, ...examples, ...((type as unknown) === 'boolean' ? [true] : [])];
  return [
    ...ownValues.map((value): [unknown, Level] => [value, level]),
    ...boundaries.map((boundary): [unknown, Level] => [boundary, higherLevel(level, 'extension')]),
  ];
}

/** Functions that return the value of an app that a parameter filters by; undefined where the app does not show it. */
const filteredValueOf: Readonly<Record<string, (app: ReceivedApp) => unknown>> = {
  provider: ({ provider }) => provider,
  'health.status': healthStatusOf,
};

/** Returns a case that lists by a valid value. It creates no app. */
function validQueryCase(list: Operation, name: string, value: unknown, level: Level): Case {
  return {
    name: `${list.operationId} accepts ${name}=${value}`,
    kind: 'accepts',
    operationId: list.operationId,
    check: 'positive_data_acceptance',
    alsoChecks: ['filter_semantics'],
    level,
    async run(session) {
      const exchange = await session.send(list, { query: toQuery({ [name]: value }) });
      if (!expectSuccess(session, exchange, list, `${name}=${value}`, `${name}=${value}`)) return;
      const values = listedApps(exchange).map((app) => filteredValueOf[name]?.(app));
      const hasOthers = values.some((each) => each !== undefined && each !== value);
      const violation = { check: 'filter_semantics' as const, pointer: `${list.pointer}/parameters` };
      const message = `${name}=${value} lists other apps`;
      const cause = `the filter ${name} is ignored`;
      const followsFrom = followsFromDeleted;
      expectTrue(session, exchange, list, !hasOthers, { ...violation, message, cause, followsFrom });
    },
  };
}

function validQueryCases(contract: Contract, list: Operation): Case[] {
  return list.parameters
    .filter((parameter) => parameter.in === 'query' && contract.requires(parameter))
    .flatMap((parameter) =>
      validValues(contract, parameter).map(([value, level]) => validQueryCase(list, parameter.name, value, level)),
    );
}

/** Returns the cases about the query parameters of the list. */
export function listFilterCases(contract: Contract): Case[] {
  const list = contract.findOperation('list');
  if (list === undefined) return [];
  return [
    ...filterCases(contract, list),
    healthCase(contract, list),
    truncateCase(list),
    ...validQueryCases(contract, list),
  ];
}
