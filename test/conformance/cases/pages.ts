import type { Contract, Operation } from '../contract.ts';
import { toQuery } from '../sender.ts';
import type { Session } from '../session.ts';
import { type Case, expectTrue, isSame, listApps, makeApp } from './case.ts';
import { hasParameter } from './versions.ts';

/** Pages of the list, which the description has beyond Sequin's pages. */

const check = 'stable_paging' as const;
const level = 'extension' as const;
const pageSize = 3;
const appCount = 2 * pageSize + 1;
/** More pages than there can be. */
const mostPages = 6;

/** Walks through the pages of what a metadata filter finds; undefined where a page is no success. */
async function walk(session: Session, list: Operation, metadata: string, between: (page: number) => Promise<void>) {
  const breach = { check, pointer: `${list.pointer}/parameters` };
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    const listed = await listApps(session, { limit: pageSize, metadata, ...(cursor && { cursor }) });
    if (listed === undefined) return undefined;
    const { exchange, apps, next } = listed;
    ids.push(...apps.map(({ id }) => id));
    const message = `a page of ${pageSize} has ${apps.length} apps`;
    expectTrue(session, exchange, list, apps.length <= pageSize, { ...breach, message });
    if (next === undefined) return { ids, exchange };
    const endless = `there is a next_cursor after page ${page} of ${Math.ceil(appCount / pageSize)}`;
    if (page === mostPages) session.report(exchange, list, { ...breach, message: endless });
    if (page === mostPages) return { ids, exchange };
    cursor = next;
    await between(page);
  }
}

type Between = (session: Session, seen: string) => Promise<void>;

function walkCase(list: Operation, name: string, between: Between): Case {
  return {
    name: `pages ${name} show each app once, in order`,
    operationId: list.operationId,
    check,
    level,
    changesThings: true,
    async run(session) {
      const metadata = { conformance: crypto.randomUUID() };
      const made: string[] = [];
      for (let count = 0; count < appCount; count += 1) {
        const app = await makeApp(session, { metadata });
        if (app === undefined) return;
        made.push(app.app.id);
      }
      const walked = await walk(session, list, JSON.stringify(metadata), async (page) => {
        if (page === 1) await between(session, made[0] as string);
      });
      if (walked === undefined) return;
      const seen = walked.ids.filter((id) => made.includes(id));
      const different = new Set(seen).size;
      const message = `${appCount} apps in pages of ${pageSize} gave ${seen.length}, ${different} of them different, or in another order`;
      const pointer = `${list.pointer}/description`;
      expectTrue(session, walked.exchange, list, isSame(seen, made), { check, message, pointer });
    },
  };
}

function refuseCursor(list: Operation, what: string, cursorOf: (valid: string) => string): Case {
  return {
    name: `${list.operationId} refuses ${what}`,
    operationId: list.operationId,
    check,
    level,
    changesThings: true,
    async run(session) {
      for (let count = 0; count < 2; count += 1) await makeApp(session);
      const first = await listApps(session, { limit: 1 });
      if (first === undefined) return;
      const query = toQuery({ limit: 1, cursor: cursorOf(first.next ?? 'none') });
      const exchange = await session.send(list, { query });
      const message = `${what} is answered with ${exchange.response.status}, not 422`;
      session.expectStatus(exchange, list, 422, { check, message, pointer: `${list.pointer}/parameters` });
    },
  };
}

/** Another last character: of base64, where the last one may have bits that nobody reads, the one before it too. */
const spoil = (cursor: string) => `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;

/** Every case about pages. */
export function pageCases(contract: Contract): Case[] {
  const list = contract.find('list');
  const remove = contract.find('delete');
  if (!list || !hasParameter(contract, list, 'cursor')) return [];
  return [
    walkCase(list, 'one after the other', async () => {}),
    walkCase(list, 'while apps come and go', async (session, id) => {
      await makeApp(session);
      if (remove) await session.send(remove, { id });
    }),
    refuseCursor(list, 'a made-up cursor', () => 'no-such-cursor'),
    refuseCursor(list, 'a cursor that was changed', spoil),
  ];
}
