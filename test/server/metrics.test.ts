import { EventEmitter } from 'node:events';
import { describe, expect, inject, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { createMetrics, type Figures, serveMetrics } from '../../server/process/metrics.ts';
import { createWorkerMetrics, type MeasuredWorker } from '../../server/process/worker-metrics.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { insertApps } from '../helpers/inserted-apps.ts';
import { testOnce } from '../helpers/once.ts';
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
    const served = await serveMetrics(metrics.render, '127.0.0.1', 0);
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

  testOnce('an unknown rest to rotate is left out', async () => {
    const keyRing = loadKeyRing(makeKeyLine(new Date()), new Date());
    let count = Promise.reject<number>(new Error('unavailable'));
    const store = { load: () => ({ writes: 0 }), countSealedUnderOtherKeys: () => count };
    const { render } = await createMetrics(store, keyRing);
    expect(readValue(await render(), 'oauth_apps_secrets_to_rotate')).toBeUndefined();
    count = Promise.resolve(3);
    expect(readValue(await render(), 'oauth_apps_secrets_to_rotate')).toBe(3);
  });

  testOnce('of workers are one, and stay when a worker is replaced', async () => {
    const metrics = await createWorkerMetrics();
    const read = async () => {
      const text = await metrics.render();
      return ['requests_total{operation="getOAuthApp",status="200"}', 'waiting_writes', 'secrets_to_rotate'].map(
        (name) => readValue(text, `oauth_apps_${name}`),
      );
    };
    const [one, other, next] = [await startWorker(1), await startWorker(2), await startWorker(4)];
    metrics.add(one.worker);
    metrics.add(other.worker);
    expect(await read()).toEqual([3, 3, 2]);
    expect(await Promise.all([read(), read()])).toEqual(Array(2).fill([3, 3, 2]));
    await one.stop();
    metrics.add(next.worker);
    // The worker that stopped had one more request since.
    expect(await read()).toEqual([8, 6, 4]);
    other.kill();
    expect(await read()).toEqual([8, 4, 4]);
  });
});

/** Makes a worker in this process that had so many requests, and has so many writes and secrets to rotate. */
async function startWorker(load: number) {
  const keyRing = loadKeyRing(makeKeyLine(new Date()), new Date());
  const store = { load: () => ({ writes: load }), countSealedUnderOtherKeys: async () => load };
  const { observe, collect } = await createMetrics(store, keyRing);
  const count = () => observe({ requestId: '', operationId: 'getOAuthApp', status: 200, milliseconds: 1 });
  for (let request = 0; request < load; request += 1) count();
  let isConnected = true;
  const worker = Object.assign(new EventEmitter(), {
    isConnected: () => isConnected,
    send: () => void collect().then(report),
  });
  // As over the channel between processes.
  const report = (figures: Figures) => worker.emit('message', JSON.parse(JSON.stringify({ figures })));
  const kill = () => {
    isConnected = false;
    worker.emit('disconnect');
  };
  return {
    worker: worker satisfies MeasuredWorker,
    kill,
    async stop() {
      count();
      report(await collect());
      kill();
    },
  };
}
