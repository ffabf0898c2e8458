import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { healthStatuses } from '../../generated/values.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import type { Json } from '../resources.ts';
import { keyLines, makeSecret, openRecords, type Records, tamperingCases } from './tampered-records.ts';

const { current, retired, unknown } = keyLines;
let server: TestServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startServer({ secretKeys: `${current},${retired}` });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

/** The secrets of resources that show their health. */
const cases = tamperingCases.filter(
  ({ hasHealth, isChangeable, secret }) => hasHealth && isChangeable && secret.revealedBy !== undefined,
);

describe.each(cases)('the health of a record of $name with $field', (tampering) => {
  const { resource } = tampering;
  let at: Records;
  beforeEach(async () => {
    at = await openRecords(server, http, tampering);
  });

  test('is an error under an unknown key until a new secret', async () => {
    await at.sealUnder(unknown, at.mine);
    expect((await at.get(at.mine)).json.health).toMatchObject({ status: 'error', notes: [expect.any(String)] });
    expect(await at.revealSecrets(at.owner, '&health.status=ok')).toEqual([makeSecret('second')]);
    expect((await at.setSecret('set again')).json.health.status).toBe('ok');
    expect(await at.revealSecrets()).toEqual(['set again', makeSecret('second')]);
  });

  test('is a warning under a retired key', async () => {
    await at.sealUnder(retired, at.mine, makeSecret('mine'));
    expect((await at.get(at.mine)).json.health).toMatchObject({ status: 'warn', notes: [expect.any(String)] });
  });

  test('is what its filter finds', async () => {
    await at.sealUnder(retired, at.mine);
    await at.sealUnder(unknown, (await at.owner.createMany(resource, 1))[0] ?? '');
    const { data } = (await at.owner.send(at.list)).json;
    const statusOf = ({ health }: Json) => (health as Json).status;
    expect(data.map(statusOf)).toEqual(['warn', 'ok', 'error']);
    for (const status of healthStatuses) {
      const filtered = await at.owner.send(`${at.list}?health.status=${status}`);
      expect(filtered.json.data).toEqual(data.filter((record: Json) => statusOf(record) === status));
    }
  });

  test('of a damaged secret is found once it was seen', async () => {
    await at.setEnvelope(at.mine, await at.readEnvelope(at.second));
    await at.revealSecrets();
    await eventually(async () => {
      const { json } = await at.owner.send(`${at.list}?health.status=error`);
      expect(json.data.map(({ id }: Json) => id)).toEqual([at.mine]);
    });
    expect((await at.owner.send(`${at.list}?health.status=ok`)).json.data).toHaveLength(1);
    await at.setSecret('again');
    expect((await at.owner.send(`${at.list}?health.status=ok`)).json.data).toHaveLength(2);
  });

  test('changes the entity tag and readiness', async () => {
    const { headers } = await at.get(at.mine);
    const [envelope, conditional] = [
      await at.readEnvelope(at.mine),
      { headers: { 'If-None-Match': String(headers.etag) } },
    ];
    expect((await at.get(at.mine, conditional)).status).toBe(304);
    await at.setEnvelope(at.mine, `${envelope.slice(0, -1)}${envelope.endsWith('A') ? 'B' : 'A'}`);
    const changed = await at.get(at.mine, conditional);
    expect([changed.status, changed.json.health.status]).toEqual([200, 'error']);
    expect(changed.headers.etag).not.toBe(headers.etag);
    const ready = await http.send('GET /readyz');
    expect([ready.status, ready.json.warnings]).toEqual([200, expect.arrayContaining(['some secrets are damaged'])]);
    // A write depends on what clients wrote, not on the health.
    const written = await at.setSecret('mended', { 'If-Match': String(headers.etag) });
    expect(written.json.health.status).toBe('ok');
  });
});
