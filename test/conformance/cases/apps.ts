import { bodySchemaOf, type Contract, type Operation, parameterPointer } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { Exchange } from '../exchange.ts';
import { type RequestOptions, toQuery } from '../http-client.ts';
import type { Session } from '../session.ts';
import { expectRoom, expectSuccess, expectTrue, followsFromBody, isSuccess } from './expectations.ts';
import { findParents, listFilters, shownSecrets, validBody } from './fields.ts';

/** Apps of a case: created, read, listed, and compared with an earlier response. */

/** OAuth app as a response shows it. */
export type ReceivedApp = Readonly<Record<string, unknown>> & { readonly id: string };

/** Returns the kind of a change of one field to another listed value; undefined for any other change. */
function listedKind({ contract }: Session, create: Operation, change: Record<string, unknown>): string | undefined {
  const { properties = {} } = bodySchemaOf(contract, create) ?? {};
  const [name = '', ...others] = Object.keys(change);
  const isListed = others.length === 0 && properties[name]?.enum?.includes(change[name]);
  return isListed ? `${change[name]} in ${name}` : undefined;
}

/** Creates an app to test with. Returns undefined, and reports it, where that fails. */
export async function createTestApp(
  session: Session,
  change: Record<string, unknown> = {},
  options: RequestOptions = {},
): Promise<{ app: ReceivedApp; body: Record<string, unknown>; exchange: Exchange } | undefined> {
  const create = session.contract.findOperation('create');
  if (create === undefined) return undefined;
  // An app of another account refers to records of that account.
  const { authorization } = options;
  const body = { ...(await validBody(session, create, authorization)), ...change };
  const parents = await findParents(session, create, authorization);
  const exchange = await session.send(create, { body, parents, ...options });
  if (!(await expectRoom(session, exchange, create, body))) return undefined;
  const isCreated = expectSuccess(session, exchange, create, 'a valid app', listedKind(session, create, change));
  const app = exchange.response.json as ReceivedApp | undefined;
  return isCreated && typeof app?.id === 'string' ? { app, body, exchange } : undefined;
}

/** Returns the fields in which two responses show an app differently. Its health may change at any time. */
const differingFields = (before: ReceivedApp, after: ReceivedApp) =>
  Object.keys({ ...before, ...after }).filter(
    (field) => field !== 'health' && !isDeepEqual(before[field], after[field]),
  );

/**
 * Returns whether a later read shows an app as its create response did. A difference that every app has is none. The app
 * may have been unreadable.
 */
export async function isUnchanged(session: Session, before: ReceivedApp, after: ReceivedApp | undefined) {
  const fields = after === undefined ? [] : differingFields(before, after);
  if (fields.length === 0) return true;
  const control = await createTestApp(session);
  const read = control && (await readApp(session, control.app.id))?.app;
  const usual = control && read ? differingFields(control.app, read) : fields;
  return fields.every((field) => usual.includes(field));
}

/** Reads an app that has to exist. A missing app is reported. */
export async function readApp(session: Session, id: string) {
  const get = session.contract.findOperation('get');
  if (get === undefined) return undefined;
  const exchange = await session.send(get, { id });
  const { status } = exchange.response;
  const violation = { check: 'ensure_resource_availability' as const, pointer: get.pointer };
  const message = `an existing app got ${status} instead of 200`;
  const cause = 'an existing app is not found';
  if (!isSuccess(exchange)) session.expectStatus(exchange, get, 200, { ...violation, message, cause });
  const app = (isSuccess(exchange) ? (exchange.response.json ?? {}) : undefined) as ReceivedApp | undefined;
  if (app !== undefined && app.id !== undefined && app.id !== id) {
    session.report(exchange, get, {
      ...violation,
      message: 'the response shows a different app than the requested one',
    });
  }
  return { get, exchange, app };
}

/** Returns the response that shows the app with an id, and the values that were sent where only one of them does. */
export function chooseOwn(id: string, read: ReceivedApp, written: ReceivedApp | undefined, sent: object = {}) {
  const hasSent = (app: ReceivedApp | undefined) =>
    Object.entries(sent).every(([field, value]) => isDeepEqual(app?.[field], value));
  const isBehind = written?.id === id && hasSent(written) && !hasSent(read);
  return (isBehind ? [written, read] : [read, written]).find((app) => app?.id === id) ?? read;
}

interface List {
  data?: ReceivedApp[];
  next_cursor?: unknown;
}

const isObject = (value: unknown): value is ReceivedApp => typeof value === 'object' && value !== null;
const dataOf = ({ response: { json } }: Exchange): unknown =>
  Array.isArray(json) ? json : (json as List | null | undefined)?.data;

/** Returns the apps of a list, also of a bare array. That, and items that are not objects, have been reported already. */
export function listedApps(exchange: Exchange): ReceivedApp[] {
  const data = dataOf(exchange);
  return Array.isArray(data) ? data.filter(isObject) : [];
}

/** Returns whether each item of a list shows its id. An app that such a list lacks is missing, not unreadable. */
function isReadable(exchange: Exchange): boolean {
  const data = dataOf(exchange);
  return Array.isArray(data) && data.every((app) => isObject(app) && typeof app.id === 'string');
}

/** Kind of a query with several parameters, each of which may be accepted alone. */
const combinedKind = 'a query with several parameters';

/** Lists apps by a valid query. Returns undefined, and reports it, where the query is rejected. */
export async function listApps(session: Session, query: Record<string, unknown>, authorization?: string) {
  const list = session.contract.findOperation('list');
  if (list === undefined) return undefined;
  const exchange = await session.send(list, { query: toQuery(query), authorization });
  const [[name, value] = ['', ''], ...others] = Object.entries(query);
  const isListed = listFilters(session.contract).some((each) => each.name === name && each.values.includes(value));
  const kind = others.length > 0 ? combinedKind : isListed ? `${name}=${value}` : undefined;
  const singles = Object.entries(query).map(([each, sent]) => `positive_data_acceptance: ${each}=${sent} is rejected`);
  if (!expectSuccess(session, exchange, list, 'a valid query', kind, singles)) return undefined;
  const { next_cursor: next } = (exchange.response.json ?? {}) as List;
  return {
    ...{ list, exchange, apps: listedApps(exchange), isReadable: isReadable(exchange) },
    next: typeof next === 'string' ? next : undefined,
  };
}

export const hasId = (apps: readonly ReceivedApp[], id: string) => apps.some((app) => app.id === id);

/** Length up to which a JSON object is used as a filter. Not every server accepts longer queries. */
const maxFilterLength = 1_000;

/** Returns a query that finds an app by its own values. */
function narrowingQuery(contract: Contract, app: ReceivedApp): Record<string, unknown> {
  const filters = listFilters(contract).filter(({ isSettable }) => isSettable);
  return Object.fromEntries(
    filters.flatMap(({ name, field, isJson, values }): [string, unknown][] => {
      const value = app[field];
      if (!isJson) return values.includes(value) ? [[name, value]] : [];
      const text = JSON.stringify(value ?? {});
      return contract.includes('inferred') && text.length <= maxFilterLength ? [[name, text]] : [];
    }),
  );
}

/**
 * Lists an app with its secrets in full. Returns undefined where no query reveals them, and where the list lacks the app,
 * which is reported.
 */
export async function revealSecrets(session: Session, shown: ReceivedApp) {
  const { contract } = session;
  const names = shownSecrets(contract).filter(([, { revealedBy }]) => revealedBy !== undefined);
  const [revealed] = names;
  if (revealed === undefined || contract.findOperation('list') === undefined) return undefined;
  const [name = '', value] = revealed[1].revealedBy?.split('=') ?? [];
  const reveal = { [name]: value };
  // A server may reject filters together. The whole list shows the secret too.
  const listed =
    (await listApps(session, { ...reveal, ...narrowingQuery(contract, shown) })) ?? (await listApps(session, reveal));
  if (listed === undefined) return undefined;
  const app = listed.apps.find((each) => each.id === shown.id);
  const pointer = parameterPointer(contract, listed.list, name);
  const message = "a list filtered by an app's own values does not contain the app";
  const isFound = app !== undefined;
  const followsFrom = [
    ...(listed.isReadable ? [] : [followsFromBody]),
    'filter_semantics: *',
    'ensure_resource_availability: an app is not listed*',
  ];
  const violation = { check: 'filter_semantics' as const, message, pointer, followsFrom };
  expectTrue(session, listed.exchange, listed.list, isFound, violation);
  const masked = names.filter(([field, { mask }]) => app?.[field] === mask);
  const hidden = `${name}=${value} does not show secrets in full`;
  const masking = { check: 'read_your_writes' as const, message: hidden, pointer };
  expectTrue(session, listed.exchange, listed.list, masked.length === 0, masking);
  if (app === undefined || masked.length > 0) return undefined;
  return { ...listed, app, names: names.map(([field]) => field), query: `${name}=${value}` };
}
