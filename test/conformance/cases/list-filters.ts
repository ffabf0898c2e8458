import { type Contract, type Level, type Operation, parameterPointer, provenanceOf } from '../contract.ts';
import { toQuery } from '../http-client.ts';
import { createTestApp, hasId, listApps, listedApps } from './apps.ts';
import type { Case } from './case.ts';
import { expectTrue, followsFromFixed, isSuccess } from './expectations.ts';
import { type Filter, listFilters, missedCause, valueAt } from './fields.ts';

/** Filters of the list. */

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
  /** Names of the queries whose wrong match explains that of this one. @default none */
  readonly followsFrom?: readonly string[];
}

const oneWrongValue = 'one right and one wrong value';
const otherType = 'a value of another type';
const otherNested = 'a nested object with another value';

/** Queries by a filter that takes a JSON object, and the value of the field that they are about. */
function jsonQueries({ name }: Filter): { value: object; queries: FilterQuery[] } {
  const unique = { conformance: crypto.randomUUID() };
  const match = (more: object) => ({ [name]: JSON.stringify({ ...unique, ...more }) });
  const documented = { level: 'documented' as const };
  return {
    value: { ...unique, n: 42, s: '42', list: [1, 2], deep: { a: 1, b: [] }, none: null },
    queries: [
      { name: `a ${name} property`, query: { [name]: JSON.stringify({ n: 42 }) }, isMatch: true, ...documented },
      { name: 'another value', query: { [name]: JSON.stringify({ n: 43 }) }, isMatch: false, ...documented },
      { name: `two ${name} properties`, query: match({ n: 42 }), isMatch: true },
      { name: otherType, query: match({ n: '42' }), isMatch: false },
      { name: oneWrongValue, query: match({ n: 43 }), isMatch: false },
      { name: 'a property that is null', query: match({ none: null }), isMatch: true },
      { name: 'null for a missing property', query: match({ missing: null }), isMatch: false },
      { name: 'a whole nested object', query: match({ deep: { b: [], a: 1 } }), isMatch: true },
      { name: otherNested, query: match({ deep: { a: 2, b: [] } }), isMatch: false, followsFrom: [otherType] },
      {
        name: 'a part of a nested object',
        query: match({ deep: { a: 1 } }),
        isMatch: false,
        followsFrom: [otherNested, otherType],
      },
      { name: 'an array in another order', query: match({ list: [2, 1] }), isMatch: false },
    ],
  };
}

/** Returns the cases about a filter that takes a JSON object, alone and together with a filter of listed values. */
function jsonFilterCases(list: Operation, json: Filter, listed: Filter | undefined): Case[] {
  const { value, queries } = jsonQueries(json);
  const change = { [json.field]: value };
  const cases = queries.map((query) => filterCase(list, query, change));
  const [own, , other] = listed?.values ?? [];
  if (listed === undefined || other === undefined) return cases;
  const both = (shown: unknown) => ({ [listed.name]: shown, [json.name]: JSON.stringify(value) });
  const withOwn = { ...change, [listed.field]: own };
  const names = [`${listed.name} and ${json.name}`, `${json.name} and another ${listed.name}`];
  return [
    ...cases,
    filterCase(list, { name: names[0] ?? '', query: both(own), isMatch: true }, withOwn),
    filterCase(list, { name: names[1] ?? '', query: both(other), isMatch: false }, withOwn),
  ];
}

/** Returns the cases about a filter whose field a create request sets to one of the listed values. */
function listedFilterCases(list: Operation, { name, field, values }: Filter): Case[] {
  const common = { isMatch: true, level: 'documented' as const };
  const [own, other] = values;
  const change = { [field]: own };
  return [
    filterCase(list, { ...common, name: `its ${name}`, query: { [name]: own } }, change),
    filterCase(list, { ...common, name: `another ${name}`, query: { [name]: other }, isMatch: false }, change),
    ...values.map((value) =>
      filterCase(list, { ...common, name: `the ${name} ${value}`, query: { [name]: value } }, { [field]: value }),
    ),
  ];
}

/** Returns the case about a filter by a field of any value: it finds the own value and no unknown one. */
function openFilterCase(list: Operation, { name, field, parameter }: Filter): Case {
  const level = provenanceOf(parameter);
  return {
    name: `listing by ${name} finds the app with that value alone`,
    operationId: list.operationId,
    check: 'filter_semantics',
    level,
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session);
      if (created === undefined) return;
      const value = created.body[field] ?? valueAt(created.app, field);
      const listed = value === undefined ? undefined : await listApps(session, { [name]: value });
      if (listed === undefined) return;
      const { exchange, apps } = listed;
      const pointer = parameterPointer(session.contract, list, name);
      const violation = { check: 'filter_semantics' as const, pointer };
      const missed = { message: `listing by ${name} does not find the app`, cause: missedCause(name) };
      expectTrue(session, exchange, list, hasId(apps, created.app.id), { ...violation, ...missed });
      const hasOthers = apps.some((app) => valueAt(app, field) !== undefined && valueAt(app, field) !== value);
      const message = `the list contains apps with another ${name}`;
      const ignored = { message, cause: `the filter ${name} is ignored`, followsFrom: followsFromDeleted };
      expectTrue(session, exchange, list, !hasOthers, { ...violation, ...ignored });
      // A server may also reject a value that no record has.
      const unknown = await session.send(list, { query: toQuery({ [name]: crypto.randomUUID() }) });
      const isFound = isSuccess(unknown) && hasId(listedApps(unknown), created.app.id);
      expectTrue(session, unknown, list, !isFound, { ...violation, ...ignored });
    },
  };
}

/** Causes that also fill lists with other apps. */
export const followsFromDeleted = [
  ...followsFromFixed,
  'use_after_free: the list contains a deleted app',
  'account_isolation: the list contains*',
];

/** Returns causes that also make a filter compare something else than what was sent. */
const followsFromStored = (names: readonly string[]) =>
  names.map((each) => `read_your_writes: ${each} is not stored as it was sent`);

/** Returns the cause of a wrong list. A filter that has no effect at all explains each of its other wrong lists. */
function explain({ name, query, isMatch, followsFrom: others = [] }: FilterQuery): {
  cause: string;
  followsFrom: string[];
} {
  const names = Object.keys(query);
  const plain = names.find((each) => name === `another ${each}` || (name === 'another value' && names.length === 1));
  if (plain !== undefined) return { cause: `the filter ${plain} is ignored`, followsFrom: followsFromDeleted };
  const stored = followsFromStored(names);
  if (isMatch) {
    const isOneFilter = names.length === 1;
    const missed = names.map((each) => `filter_semantics: ${missedCause(each)}`);
    return {
      cause: isOneFilter ? missedCause(names[0] ?? '') : `listing by ${name} does not find the app`,
      followsFrom: [...stored, 'ensure_resource_availability: an app is not listed*', ...missed],
    };
  }
  const followsFrom = [...stored, ...names.map((each) => `filter_semantics: the filter ${each} is ignored`)];
  const wider = name === oneWrongValue ? others : [oneWrongValue, ...others];
  followsFrom.push(...wider.map((each) => `filter_semantics: listing by ${each} finds the app`));
  return { cause: `listing by ${name} finds the app`, followsFrom };
}

function filterCase(list: Operation, filterQuery: FilterQuery, change: Record<string, unknown>): Case {
  const { name, query, isMatch, level = 'inferred' } = filterQuery;
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
      const [first = ''] = Object.keys(query);
      const pointer = parameterPointer(session.contract, list, first);
      const violation = { check: 'filter_semantics' as const, pointer };
      const isFound = hasId(apps, created?.app.id ?? '');
      const message = `listing by ${name} ${isFound ? 'finds' : 'does not find'} the app`;
      const { cause, followsFrom } = explain(filterQuery);
      const isExpected = isFound === isMatch;
      expectTrue(session, exchange, list, isExpected, { ...violation, message, cause, followsFrom });
      for (const filter of listFilters(session.contract).filter(({ values }) => values.length > 0)) {
        const wanted = query[filter.name];
        const hasOthers = wanted !== undefined && apps.some((app) => valueAt(app, filter.field) !== wanted);
        const others = `the list contains apps with another ${filter.name}`;
        const ignored = [`filter_semantics: the filter ${filter.name} is ignored`, ...followsFromDeleted];
        expectTrue(session, exchange, list, !hasOthers, { ...violation, message: others, followsFrom: ignored });
      }
    },
  };
}

/** Returns a case about a filter by a field that the server sets: each value lists the apps with it, and no others. */
function readOnlyFilterCase(list: Operation, { name, field, values }: Filter): Case {
  return {
    name: `the filter ${name} lists the apps with that value`,
    operationId: list.operationId,
    check: 'filter_semantics',
    isMutating: true,
    async run(session) {
      const created = await createTestApp(session);
      if (created === undefined) return;
      const own = valueAt(created.app, field);
      const pointer = parameterPointer(session.contract, list, name);
      let seen = 0;
      for (const value of values) {
        const listed = await listApps(session, { [name]: value });
        if (listed === undefined) continue;
        const { exchange, apps } = listed;
        const violation = { check: 'filter_semantics' as const, pointer };
        if (hasId(apps, created.app.id)) seen += 1;
        // A response may lack the field. No app has two values of it.
        const hasOthers = own === undefined ? seen > 1 : apps.some((app) => valueAt(app, field) !== value);
        const others = {
          message: `${name}=${value} lists apps with another ${name}`,
          cause: `the filter ${name} is ignored`,
          followsFrom: followsFromDeleted,
        };
        expectTrue(session, exchange, list, !hasOthers, { ...violation, ...others });
        const isComplete = own === undefined || own !== value || hasId(apps, created.app.id);
        const lost = {
          message: `${name}=${value} does not list an app with that ${name}`,
          cause: missedCause(name),
          followsFrom: ['ensure_resource_availability: an app is not listed*'],
        };
        expectTrue(session, exchange, list, isComplete, { ...violation, ...lost });
      }
    },
  };
}

/** Returns the cases about the filters of the list. */
export function listFilterCases(contract: Contract): Case[] {
  const list = contract.findOperation('list');
  if (list === undefined) return [];
  const filters = listFilters(contract);
  const listed = filters.find(({ values, isSettable }) => isSettable && values.length > 1);
  return filters.flatMap((filter) => {
    if (filter.isJson) return filter.isSettable ? jsonFilterCases(list, filter, listed) : [];
    if (filter.values.length === 0) return [openFilterCase(list, filter)];
    return filter.isSettable ? listedFilterCases(list, filter) : [readOnlyFilterCase(list, filter)];
  });
}
