import { type Contract, type Operation, parameterPointer } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import { toQuery } from '../http-client.ts';
import type { Session } from '../session.ts';
import { createTestApp, listApps } from './apps.ts';
import type { Case } from './case.ts';
import { hasParameter } from './conditional-requests.ts';
import { expectTrue, followsFromBody, followsFromRejection } from './expectations.ts';
import { followsFromFilters, uniqueMark } from './fields.ts';

/** Paging of the list with `limit` and `cursor`, an extension. */

const check = 'stable_paging' as const;
const level = 'extension' as const;
const pageSize = 3;
const appCount = 2 * pageSize + 1;
/** Number of pages after which the list counts as endless. It is more than the apps need. */
const maxPages = 6;
/** Number of pages after which a list counts as endless that no filter limits to the apps of the case. */
const maxUnfilteredPages = 400;

/**
 * Reads every page of the apps with a mark, and calls `afterPage` after each page but the last. Returns undefined
 * where a page is rejected.
 *
 * @param lasting - Ids of apps that are not deleted meanwhile.
 */
async function readPages(
  session: Session,
  list: Operation,
  mark: Record<string, unknown>,
  lasting: readonly string[],
  afterPage: (page: number) => Promise<void>,
) {
  const violation = { check, pointer: parameterPointer(session.contract, list, 'limit') };
  const ids: string[] = [];
  let cursor: string | undefined;
  let isReadable = true;
  for (let page = 1; ; page += 1) {
    const listed = await listApps(session, { limit: pageSize, ...mark, ...(cursor && { cursor }) });
    if (listed === undefined) return undefined;
    const { exchange, apps, next } = listed;
    isReadable &&= listed.isReadable && !Array.isArray(exchange.response.json);
    const different = new Set(apps.map(({ id }) => id)).size;
    const own = new Set(apps.map(({ id }) => id).filter((id) => lasting.includes(id))).size;
    ids.push(...apps.map(({ id }) => id));
    const message = `a page with limit=${pageSize} has ${different} apps`;
    const cause = 'the parameter limit is ignored';
    expectTrue(session, exchange, list, different <= pageSize, {
      ...violation,
      message,
      cause,
      followsFrom: own > pageSize ? [] : ['use_after_free: the list*'],
    });
    if (next === undefined) return { ids, exchange, isReadable };
    const endless = `page ${page} of ${Math.ceil(appCount / pageSize)} has a next_cursor`;
    const endlessCause = 'the last page has a next_cursor';
    const lastPage = Object.keys(mark).length > 0 ? maxPages : maxUnfilteredPages;
    if (page === lastPage) session.report(exchange, list, { ...violation, message: endless, cause: endlessCause });
    if (page === lastPage) return { ids, exchange, isReadable };
    cursor = next;
    await afterPage(page);
  }
}

/** Changes the list after the first page, whose first app has the id. */
type ChangeList = (session: Session, id: string) => Promise<void>;

/** Returns the cause of wrong pages: repeated, missing or reordered apps. */
function pagesCause(found: readonly string[], created: readonly string[]): string {
  const different = new Set(found).size;
  if (different < found.length) return 'pages repeat an app';
  return different < created.length ? 'pages skip an app' : 'pages are not in the order of creation';
}

/** Reports a full page that says that another one follows, though it has every app. */
async function checkFullPage(session: Session, list: Operation, query: object, created: readonly string[]) {
  const listed = Object.keys(query).length > 0 ? await listApps(session, { limit: appCount, ...query }) : undefined;
  if (listed === undefined || !listed.apps.every(({ id }) => created.includes(id))) return;
  const message = 'a full page with every app has a next_cursor';
  const cause = 'the last page has a next_cursor';
  const isLast = listed.next === undefined || new Set(listed.apps.map(({ id }) => id)).size < appCount;
  expectTrue(session, listed.exchange, list, isLast, { check, message, cause, pointer: list.pointer });
}

function pagesCase(list: Operation, name: string, changeList?: ChangeList): Case {
  return {
    name: `pages ${name} contain each app once, in order`,
    operationId: list.operationId,
    check,
    level,
    isMutating: true,
    async run(session) {
      const { change, query } = uniqueMark(session.contract);
      const created: string[] = [];
      for (let count = 0; count < appCount; count += 1) {
        const app = await createTestApp(session, change);
        if (app === undefined) return;
        created.push(app.app.id);
      }
      const pages = await readPages(session, list, query, created.slice(1), async (page) => {
        if (page === 1) await changeList?.(session, created[0] as string);
      });
      if (pages === undefined) return;
      if (changeList === undefined) await checkFullPage(session, list, query, created);
      const found = pages.ids.filter((id) => created.includes(id));
      const different = new Set(found).size;
      // A filter that is ignored adds apps, and hides none.
      const hasOthers = found.length < pages.ids.length;
      const ofFilters = followsFromFilters(query).filter((cause) => hasOthers || !cause.endsWith('is ignored'));
      const message = `${appCount} apps in pages of ${pageSize} gave ${found.length}, ${different} of them different, or in another order`;
      const pointer = `${list.pointer}/description`;
      const violation = {
        message,
        cause: pagesCause(found, created),
        followsFrom: [
          'stable_paging: the parameter limit is ignored',
          'stable_paging: a list contains an app twice',
          'stable_paging: the last page has a next_cursor',
          `stable_paging: pages of a list that does not change ${pagesCause(found, created).split(' ').slice(1).join(' ')}`,
          ...ofFilters,
          ...(pages.isReadable ? [] : [followsFromBody]),
          'ensure_resource_availability: an app is not listed*',
          'use_after_free: the list contains a deleted app',
          'use_after_free: a deleted app is found',
          'ensure_resource_availability: an existing app is not found',
        ],
      };
      expectTrue(session, pages.exchange, list, isDeepEqual(found, created), { check, ...violation, pointer });
    },
  };
}

interface WrongCursor {
  readonly label: string;
  readonly cursorOf: (valid: string) => string;
  /** Whether the other account sends it. @default false */
  readonly isForeign?: boolean;
}

function rejectedCursorCase(list: Operation, { label, cursorOf, isForeign = false }: WrongCursor): Case {
  return {
    ...(isForeign && { needsOtherToken: true }),
    name: `${list.operationId} rejects ${label}`,
    operationId: list.operationId,
    check,
    level,
    isMutating: true,
    async run(session) {
      for (let count = 0; count < 2; count += 1) await createTestApp(session);
      const first = await listApps(session, { limit: 1 });
      if (first === undefined) return;
      const query = toQuery({ limit: 1, cursor: cursorOf(first.next ?? 'none') });
      const authorization = isForeign ? `Bearer ${session.target.otherToken}` : undefined;
      const exchange = await session.send(list, { query, authorization });
      const message = `${label} got ${exchange.response.status} instead of 422`;
      const { status } = exchange.response;
      const accepted = isForeign ? `${label} is accepted` : 'a cursor that was made up is accepted';
      const cause = status < 400 ? accepted : `a wrong cursor gets ${status} instead of 422`;
      const ofLimit = first.next === undefined ? ['stable_paging: the parameter limit is ignored'] : [];
      const isNumber = /^\d{1,6}$/.test(first.next ?? '');
      const ofNumber = isNumber ? ['stable_paging: pages*'] : [];
      const ofAccount = isForeign ? [...followsFromAccount(list), ...ofNumber] : [];
      const followsFrom = [...ofLimit, ...ofAccount, ...(status < 400 ? [] : followsFromRejection(status))];
      session.expectStatus(exchange, list, 422, {
        check,
        message,
        cause,
        followsFrom,
        pointer: parameterPointer(session.contract, list, 'cursor'),
      });
    },
  };
}

/** Causes that also let another account read on where this one ended. */
const followsFromAccount = ({ operationId }: Operation) => [
  "account_isolation: the list contains another account's app",
  `${operationId} missing_required_header: *`,
  `${operationId} ignored_auth: a wrong token is accepted`,
  `${check}: a cursor that was made up is accepted`,
];

/** Changes the last two characters of a cursor. In base64 the last one alone may have bits that are ignored. */
const alterCursor = (cursor: string) => `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;

/** Returns the cases about paging. */
export function pagingCases(contract: Contract): Case[] {
  const list = contract.findOperation('list');
  const remove = contract.findOperation('delete');
  if (!list || !hasParameter(contract, list, 'cursor')) return [];
  return [
    pagesCase(list, 'of a list that does not change'),
    pagesCase(list, 'of a list that changes meanwhile', async (session, id) => {
      await createTestApp(session);
      if (remove) await session.send(remove, { id });
    }),
    rejectedCursorCase(list, { label: 'an invented cursor', cursorOf: () => 'no-such-cursor' }),
    rejectedCursorCase(list, { label: 'an altered cursor', cursorOf: alterCursor }),
    rejectedCursorCase(list, { label: 'a cursor of another account', cursorOf: (valid) => valid, isForeign: true }),
  ];
}
