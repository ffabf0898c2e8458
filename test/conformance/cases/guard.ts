import { bodySchemaOf, type Contract, type Operation } from '../contract.ts';
import { isDeepEqual } from '../deep-equal.ts';
import type { Session } from '../session.ts';
import { createTestApp, listApps, type ReceivedApp } from './apps.ts';
import type { Case } from './case.ts';
import { expectTrue, storesNothing } from './expectations.ts';
import { makeUnique, validBody } from './fields.ts';

/** The case that runs before all others which change anything: it protects the apps that exist. */

/** Number of pages of the list that are read at most before a run changes anything. */
const maxPages = 20;

async function listAll(session: Session): Promise<ReceivedApp[]> {
  const apps: ReceivedApp[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const listed = await listApps(session, cursor === undefined ? {} : { cursor });
    apps.push(...(listed?.apps ?? []));
    cursor = listed?.next;
    if (cursor === undefined) break;
  }
  return apps;
}

/** Notes the apps that exist before the run, so that it deletes none of them. Returns them. */
async function protectApps(session: Session): Promise<ReceivedApp[]> {
  const apps = await listAll(session);
  session.protect(apps.flatMap(({ id }) => (typeof id === 'string' ? [id] : [])));
  return apps;
}

/** Returns whether a response of create shows other values than those that were sent. */
const isOther = ({ app, body }: { app: ReceivedApp; body: Record<string, unknown> }, names: readonly string[]) =>
  names.length > 0 && names.every((name) => app[name] !== undefined && app[name] !== body[name]);

/** Returns the values of a closed list that no existing app has, or all of them where each is in use. */
function unusedValues(session: Session, create: Operation, apps: readonly ReceivedApp[]): Record<string, unknown> {
  const properties = Object.entries(bodySchemaOf(session.contract, create)?.properties ?? {});
  return Object.fromEntries(
    properties.flatMap(([name, { enum: values = [] }]) => {
      const unused = values.find((value) => apps.every((app) => app[name] !== value));
      return unused === undefined ? [] : [[name, unused]];
    }),
  );
}

/**
 * Returns the case that shows whether create replaces existing apps. Its values are such that no app of others has them.
 * The apps that exist are noted first.
 */
export function guardCase(contract: Contract): Case[] {
  const create = contract.findOperation('create');
  const list = contract.findOperation('list');
  if (!create || !list) return [];
  const check = 'read_your_writes' as const;
  return [
    {
      name: 'the same body twice creates two apps',
      operationId: create.operationId,
      check,
      level: 'inferred',
      isMutating: true,
      isGuard: true,
      async run(session) {
        const apps = await protectApps(session);
        const example = { ...(await validBody(session, create)), ...unusedValues(session, create, apps) };
        const body = makeUnique(session, create, example);
        const [first, second] = [await createTestApp(session, body), await createTestApp(session, body)];
        if (first === undefined || second === undefined) return;
        const pointer = `${create.pointer}/description`;
        if (first.app.id !== second.app.id) return;
        // A mock responds with its example, and its list stays as it was: nothing is replaced.
        const uniqueNames = Object.keys(body).filter((name) => body[name] !== (example as typeof body)[name]);
        const isFixed = isOther(second, uniqueNames) && isDeepEqual(await listAll(session), apps);
        const message = isFixed ? storesNothing : 'two create requests returned the same id';
        const violation = { check, message, pointer, ...(isFixed && { provenance: 'documented' as const }) };
        expectTrue(session, second.exchange, create, false, violation);
      },
    },
  ];
}
