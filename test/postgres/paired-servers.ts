import type { HttpResponse } from '../helpers/http-client.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { startServer } from '../helpers/server.ts';
import type { Step } from './request-sequences.ts';

type ServerOptions = Parameters<typeof startServer>[0];

const comparedHeaders = [
  'etag',
  'content-type',
  'cache-control',
  'retry-after',
  'allow',
  'www-authenticate',
  'x-request-id',
];
const unknownId = '00000000-0000-4000-8000-000000000000';
const apps = '/v1/oauth-apps';

/**
 * Starts one of two servers whose responses are compared. Ids and cursors differ between the servers; they are replaced
 * by names. Dispose of it with `await using`.
 */
export async function startPairedServer(options: ServerOptions) {
  let [clock, requests, run] = [Date.parse('2026-01-01T00:00:00Z'), 0, 0];
  const server = await startServer({
    ...options,
    ...{ maxAppsPerAccount: 5, now: () => new Date(clock) },
    newRequestId: () => `00000000-0000-4000-8000-${String(requests).padStart(12, '0')}`,
  });
  const client = createLoadClient(server.url, server.token);
  let [token, foreignToken] = ['', ''];
  let ids: string[] = [];
  let cursors: string[] = [];
  const names = new Map<string, string>();

  /** Renders a response as text, with ids and cursors replaced by names. */
  function normalize({ status, headers, text }: HttpResponse): string {
    const { id, next_cursor } = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, string | undefined>;
    if (id !== undefined && !names.has(id)) {
      names.set(id, `app ${run}.${ids.length}`);
      ids.push(id);
    }
    if (next_cursor !== undefined) cursors.push(next_cursor);
    const named = text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (found) => names.get(found) ?? found);
    const body = next_cursor === undefined ? named : named.replace(next_cursor, 'a cursor');
    return JSON.stringify([status, comparedHeaders.map((name) => headers[name] ?? null), body]);
  }

  return {
    server,
    /** Begins a sequence with new accounts. */
    async begin(): Promise<void> {
      run += 1;
      [ids, cursors] = [[], []];
      token = await server.createToken({ accountId: `account ${run}` });
      foreignToken = await server.createToken({ accountId: `foreign ${run}` });
    },
    /** Sends the next request of the sequence. Returns its normalized response. */
    async send({ method, app, query = '', page, body, headers, isForeign, wait }: Step): Promise<string> {
      clock += wait;
      requests += 1;
      const cursor = page === undefined || cursors.length === 0 ? '' : `&cursor=${cursors[page % cursors.length]}`;
      const target =
        app === undefined ? `${apps}?${query}${cursor}` : `${apps}/${ids[app % (ids.length + 1)] ?? unknownId}`;
      return normalize(
        await client.send(`${method} ${method === 'POST' ? apps : target}`, {
          body,
          headers,
          token: isForeign ? foreignToken : token,
        }),
      );
    },
    /** Lists the audit, with ids replaced by names. */
    async listAudit(): Promise<string[]> {
      const lines: string[] = [];
      for await (const { tokenId: _, appId, subjects, ...entry } of server.store.listAudit({})) {
        const of = subjects?.map((id) => names.get(id));
        lines.push(JSON.stringify({ ...entry, app: appId && names.get(appId), of }));
      }
      return lines;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type PairedServer = Awaited<ReturnType<typeof startPairedServer>>;
