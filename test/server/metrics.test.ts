import { describe, expect, inject, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { createMetrics } from '../../server/process/metrics.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { insertApps } from '../helpers/inserted-apps.ts';
import { startServer } from '../helpers/server.ts';

const apps = '/v1/oauth-apps';

/** Reads a metric by its name and labels. */
function readValue(text: string, metric: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${metric} `));
  return line === undefined ? undefined : Number(line.slice(metric.length + 1));
}

describe('metrics', () => {
  test('count requests by operation and status', async () => {
    const keyRing = loadKeyRing(makeKeyLine(new Date()), new Date());
    await using idle = await startServer({ keyRing });
    const metrics = await createMetrics(idle.store, keyRing);
    await using server = await startServer({ store: idle.store, keyRing, observe: metrics.observe });
    const http = createHttpClient(server.url, server.token);
    const { id } = (await http.send(`POST ${apps}`, { body: example('CreateOAuthApp') })).json;
    for (const target of [`GET ${apps}`, `GET ${apps}`, `GET ${apps}/${id}`, `GET ${apps}/none`, 'GET /healthz'])
      await http.send(target);
    await http.send(`GET ${apps}`, { token: 'wrong' });
    await http.send(`DELETE ${apps}/${id}`);
    http.close();
    const served = await metrics.listen('127.0.0.1', 0);
    const response = await fetch(served.url);
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const count = (operation: string, status: number) =>
      readValue(text, `oauth_apps_requests_total{operation="${operation}",status="${status}"}`);
    expect(count('listOAuthApps', 200)).toBe(2);
    expect([count('createOAuthApp', 200), count('getOAuthApp', 200), count('getOAuthApp', 404)]).toEqual([1, 1, 1]);
    expect([count('deleteOAuthApp', 200), count('none', 401), count('none', 200)]).toEqual([1, 1, 1]);
    expect(readValue(text, 'oauth_apps_request_duration_seconds_count{operation="listOAuthApps"}')).toBe(2);
    expect(readValue(text, 'oauth_apps_waiting_writes')).toBe(0);
    expect(readValue(text, 'oauth_apps_connections')).toEqual(inject('store') === 'postgres' ? expect.any(Number) : 0);
    // Labels come from the description alone: nothing that a client sent makes a series.
    const names = new Set([...text.matchAll(/operation="([^"]*)"/g)].map(([, name]) => name));
    expect([...names].filter((name) => name !== 'none' && !Object.hasOwn(operations, String(name)))).toEqual([]);
    expect((await fetch(new URL('/', served.url))).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    served.close();
  });

  test('tell what is left to rotate', async () => {
    const [old, fresh] = [makeKeyLine(new Date()), makeKeyLine(new Date())];
    await using server = await startServer({ secretKeys: old });
    await insertApps(server.database, server.keyRing, { accounts: ['a'], appsEach: 7 });
    if (inject('store') !== 'memory') {
      const metrics = await createMetrics(server.store, loadKeyRing(`${fresh},${old}`, new Date()));
      expect(readValue(await metrics.render(), 'oauth_apps_secrets_to_rotate')).toBe(7);
    }
  });
});
