import {
  type Contract,
  examplesOf,
  type Level,
  laterOf,
  type Operation,
  type Parameter,
  provenanceOf,
  type Schema,
} from '../contract.ts';
import { toQuery } from '../sender.ts';
import {
  type Case,
  expectSuccess,
  expectTrue,
  hasId,
  listApps,
  listedApps,
  makeApp,
  revealSecret,
  type ShownApp,
} from './case.ts';

/** Filters of the list, each tried on an app that has to be in the answer or not. */

interface FilterTry {
  readonly name: string;
  readonly query: Record<string, unknown>;
  readonly isIn: boolean;
  /** Where it comes from. Default: no page says so, the contract does. */
  readonly level?: Level;
}

/** A value that no other app has. */
const marker = () => ({ conformance: crypto.randomUUID() });

function tries(): { metadata: object; tries: FilterTry[] } {
  const mark = marker();
  const match = (more: object) => JSON.stringify({ ...mark, ...more });
  const documented = { level: 'documented' as const };
  return {
    metadata: { ...mark, n: 42, s: '42', list: [1, 2], deep: { a: 1, b: [] }, none: null },
    tries: [
      { name: 'a metadata property', query: { metadata: JSON.stringify({ n: 42 }) }, isIn: true, ...documented },
      { name: 'another value', query: { metadata: JSON.stringify({ n: 43 }) }, isIn: false, ...documented },
      { name: 'its provider', query: { provider: 'github' }, isIn: true, ...documented },
      { name: 'another provider', query: { provider: 'stripe' }, isIn: false, ...documented },
      { name: 'two metadata properties', query: { metadata: match({ n: 42 }) }, isIn: true },
      { name: 'a value of another type', query: { metadata: match({ n: '42' }) }, isIn: false },
      { name: 'one right and one wrong value', query: { metadata: match({ n: 43 }) }, isIn: false },
      { name: 'a property that is null', query: { metadata: match({ none: null }) }, isIn: true },
      { name: 'null for a property that is missing', query: { metadata: match({ missing: null }) }, isIn: false },
      { name: 'nested metadata whole', query: { metadata: match({ deep: { b: [], a: 1 } }) }, isIn: true },
      { name: 'nested metadata in part', query: { metadata: match({ deep: { a: 1 } }) }, isIn: false },
      { name: 'an array in another order', query: { metadata: match({ list: [2, 1] }) }, isIn: false },
      { name: 'provider and metadata', query: { provider: 'github', metadata: match({}) }, isIn: true },
      { name: 'metadata and another provider', query: { provider: 'linear', metadata: match({}) }, isIn: false },
    ],
  };
}

function filterCases(contract: Contract, list: Operation): Case[] {
  const { metadata, tries: own } = tries();
  const providers = contract.deref<{ enum: string[] }>({ $ref: '#/components/schemas/Provider' }).enum;
  return [
    ...own.map((item) => filterCase(list, item, { provider: 'github', metadata })),
    ...providers.map((provider) => {
      const item = { name: `the provider ${provider}`, query: { provider }, isIn: true, level: 'documented' as const };
      return filterCase(list, item, { provider });
    }),
  ];
}

function filterCase(
  list: Operation,
  { name, query, isIn, level = 'inferred' }: FilterTry,
  change: Record<string, unknown>,
): Case {
  return {
    name: `listing by ${name} ${isIn ? 'finds' : 'does not find'} the app`,
    operationId: list.operationId,
    check: 'filter_semantics',
    level,
    changesThings: true,
    async run(session) {
      const made = await makeApp(session, change);
      const listed = made && (await listApps(session, query));
      if (listed === undefined) return;
      const { exchange, apps } = listed;
      const breach = { check: 'filter_semantics' as const, pointer: `${list.pointer}/parameters` };
      const found = hasId(apps, made?.app.id ?? '');
      const message = `listing by ${name} ${found ? 'finds' : 'does not find'} the app`;
      expectTrue(session, exchange, list, found === isIn, { ...breach, message });
      const { provider } = query;
      const isMixed = provider !== undefined && apps.some((app) => app.provider !== provider);
      expectTrue(session, exchange, list, !isMixed, { ...breach, message: 'apps of another provider are listed' });
    },
  };
}

const healthOf = (app: ShownApp) => (app.health as { status?: string } | undefined)?.status;

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
      const own = healthOf(made.app);
      for (const status of statuses) {
        const listed = await listApps(session, { 'health.status': status });
        // Health may be left out of an answer; then nothing can be said about it.
        if (listed === undefined || own === undefined) continue;
        const { exchange, apps } = listed;
        const breach = { check: 'filter_semantics' as const, pointer: `${list.pointer}/parameters` };
        const isMixed = apps.some((app) => healthOf(app) !== status);
        const mixed = `health.status=${status} lists apps of another health`;
        expectTrue(session, exchange, list, !isMixed, { ...breach, message: mixed });
        const isRight = own !== status || hasId(apps, made.app.id);
        const missed = `health.status=${status} misses an app of that health`;
        expectTrue(session, exchange, list, isRight, { ...breach, message: missed });
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
    alsoChecks: ['read_your_writes'],
    changesThings: true,
    async run(session) {
      const made = await makeApp(session, { client_secret: `secret-${crypto.randomUUID()}` });
      if (made === undefined) return;
      // Every answer is looked at: none of these may show the secret, whether it is refused or not.
      await listApps(session, { truncate_secrets: true });
      for (const value of ['True', 'FALSE', '0', 'no', '']) {
        await session.send(list, { query: toQuery({ truncate_secrets: value }) });
      }
      const revealed = await revealSecret(session, made.app);
      if (revealed === undefined) return;
      const message = 'truncate_secrets=false does not show the secret that was stored';
      const breach = { check: 'read_your_writes' as const, message, pointer: `${list.pointer}/parameters` };
      expectTrue(session, revealed.exchange, list, revealed.secret === made.body.client_secret, breach);
    },
  };
}

/** Values that a parameter takes, and where that comes from. To reveal all that there is would be too much for a try. */
function acceptedValues(contract: Contract, { schema, ...parameter }: Parameter): [value: unknown, level: Level][] {
  const { type, enum: listed = [], minimum, maximum } = contract.deref<Schema & Record<string, unknown>>(schema);
  const edges = [minimum, maximum].filter((edge) => edge !== undefined);
  const examples = examplesOf(contract, (parameter as { examples?: object }).examples);
  const from = provenanceOf(parameter);
  return [
    ...[...listed, ...examples, ...((type as unknown) === 'boolean' ? [true] : [])].map((value): [unknown, Level] => [
      value,
      from,
    ]),
    ...edges.map((edge): [unknown, Level] => [edge, laterOf(from, 'extension')]),
  ];
}

/** What an app shows of the thing that a parameter filters by; undefined where it shows nothing of it. */
const filteredBy: Readonly<Record<string, (app: ShownApp) => unknown>> = {
  provider: ({ provider }) => provider,
  'health.status': healthOf,
};

/** A value that a parameter takes, on whatever there is: nothing is made for it. */
function acceptedQuery(list: Operation, name: string, value: unknown, level: Level): Case {
  return {
    name: `${list.operationId} accepts ${name}=${value}`,
    operationId: list.operationId,
    check: 'positive_data_acceptance',
    alsoChecks: ['filter_semantics'],
    level,
    async run(session) {
      const exchange = await session.send(list, { query: toQuery({ [name]: value }) });
      if (!expectSuccess(session, exchange, list, `${name}=${value}`)) return;
      const shown = listedApps(exchange).map((app) => filteredBy[name]?.(app));
      const isMixed = shown.some((each) => each !== undefined && each !== value);
      const breach = { check: 'filter_semantics' as const, pointer: `${list.pointer}/parameters` };
      expectTrue(session, exchange, list, !isMixed, { ...breach, message: `${name}=${value} lists other apps` });
    },
  };
}

function acceptedQueries(contract: Contract, list: Operation): Case[] {
  return list.parameters
    .filter((parameter) => parameter.in === 'query' && contract.demands(parameter))
    .flatMap((parameter) =>
      acceptedValues(contract, parameter).map(([value, level]) => acceptedQuery(list, parameter.name, value, level)),
    );
}

/** Every case about what the list shows. */
export function listCases(contract: Contract): Case[] {
  const list = contract.find('list');
  if (list === undefined) return [];
  return [
    ...filterCases(contract, list),
    healthCase(contract, list),
    truncateCase(list),
    ...acceptedQueries(contract, list),
  ];
}
