import type { Contract, Operation } from './contract.ts';
import type { Exchange } from './exchange.ts';
import { type Sender, Unreachable } from './sender.ts';

/** An app that the suite made, to be removed. */
interface Made {
  readonly id: string;
  readonly authorization: string | null;
  /** Whether it was tried already to remove it. */
  isTried: boolean;
}

interface ShownApp {
  id?: unknown;
  data?: ShownApp;
}

/** As many at a time are removed at the end. */
const batchSize = 8;

/** Keeps track of the apps that were made, and removes them. Whoever cannot delete keeps them. */
export function trackMade(contract: Contract, sender: Sender) {
  const made = new Map<string, Made>();
  const get = contract.find('get');
  let canDelete = get !== undefined;

  const remove = async (app: Made) => {
    if (get === undefined) return;
    app.isTried = true;
    const { id, authorization } = app;
    const { response } = await sender.send(get, { id, authorization, method: 'DELETE' });
    const { status } = response;
    if (status < 300) made.delete(id);
    if (status === 405 || status === 501) canDelete = false;
    if (status !== 404) return;
    // Either the app is gone, or nobody knows DELETE here.
    const { response: read } = await sender.send(get, { id, authorization });
    if (read.status === 404) made.delete(id);
    else canDelete = false;
  };

  return {
    /** Remembers the app that an answer shows to be made, and forgets the one that it shows to be deleted. */
    remember({ path }: Operation, { request, response }: Exchange) {
      if (response.status >= 300) return;
      if (request.method === 'DELETE')
        made.delete(decodeURIComponent(new URL(request.url).pathname.split('/').at(-1) ?? ''));
      // What an answer about one app shows was there before, and need not be ours.
      if (path.includes('{') || !['POST', 'PUT'].includes(request.method)) return;
      const body = (response.json ?? {}) as ShownApp;
      // A wrapped app is wrong, and an app all the same.
      const { id } = body.id === undefined ? (body.data ?? body) : body;
      if (typeof id !== 'string' || made.has(id)) return;
      made.set(id, { id, authorization: request.headers.authorization ?? null, isTried: false });
    },
    /**
     * Removes what was not tried yet; the last time, everything. Gives the ids of what is still there. Whatever goes
     * wrong with that is no reason to stop: the ids tell.
     */
    async remove(isLast: boolean): Promise<string[]> {
      const due = [...made.values()].filter(({ isTried }) => isLast || !isTried);
      const attempt = (app: Made) =>
        remove(app).catch((error: Error) => {
          canDelete &&= !(error instanceof Unreachable);
        });
      // The first one tells whether there is a DELETE at all.
      for (let start = 0, size = 1; start < due.length && canDelete; start += size, size = batchSize) {
        await Promise.all(due.slice(start, start + size).map(attempt));
      }
      return [...made.keys()];
    },
  };
}
