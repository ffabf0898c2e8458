/** Program of the matrix of runtimes: one request of every kind. It uses what every runtime has. */
import { ConnectionError, createOAuthAppsClient, ProblemError } from '../../client/index.ts';

/** Returns what a request that has to fail rejects with, in words. */
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'succeeded',
    (error: unknown) => {
      if (error instanceof ProblemError) return `ProblemError ${error.status} ${error.problem?.summary}`;
      if (error instanceof ConnectionError) return `${error.name} ${error.mayHaveArrived}`;
      return String((error as Error).message);
    },
  );

/** Sends the requests. Returns their results by kind. */
export async function sendOneOfEach(baseUrl: string, closedUrl: string): Promise<Record<string, unknown>> {
  const retry = { backoffBase: 1 };
  const client = createOAuthAppsClient({ baseUrl, token: 't', retry, idempotencyKeys: true });
  const body = { provider: 'stripe', client_id: 'a', client_secret: 'b', name: 'c' } as const;
  const controller = new AbortController();
  const aborted = failureOf(client.getOAuthApp('slow', { signal: controller.signal }));
  setTimeout(() => controller.abort(new Error('enough')), 20);
  const names: string[] = [];
  for await (const { name } of client.listAllOAuthApps({ limit: 1 })) names.push(name);
  const { data, etag } = await client.getOAuthApp('x').withResponse();
  const conditional = client.getOAuthApp('x', { headers: { 'If-None-Match': etag ?? '' } });
  const closed = createOAuthAppsClient({ baseUrl: closedUrl, token: 't', retry: { limit: 0 } });
  return {
    read: [data.name, etag],
    unchanged: (await conditional.withResponse()).status,
    create: (await client.createOAuthApp(body)).name,
    change: (await client.changeOAuthApp('x', ({ name }) => ({ name: `${name}!` }))).name,
    retry: (await client.getOAuthApp('busy')).name,
    abort: await aborted,
    timeout: await failureOf(client.getOAuthApp('slow', { timeout: 20, retry: { limit: 0 } })),
    paging: names,
    error: await failureOf(client.getOAuthApp('gone')),
    redirect: await failureOf(client.getOAuthApp('moved')),
    refused: (await failureOf(closed.getOAuthApp('x'))).split(' ')[0],
  };
}
