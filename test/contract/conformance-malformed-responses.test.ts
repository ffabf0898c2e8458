// @databases none
import { describe, expect, it } from 'vitest';
import { createSuite, renderText } from '../conformance/index.ts';
import { isSoak, soak } from '../helpers/soak.ts';

const bodies = [
  'null',
  '"text"',
  '[null]',
  '{"data":[null,1,"x",[]]}',
  '{"data":{}}',
  '{"data":[{"id":1}],"next_cursor":1}',
  '{"id":"a","metadata":null,"health":1,"provider":3}',
  '{"id":"a","validation_errors":null,"status":{},"instance":null}',
  '{"data":[{"id":"a","client_secret":null}],"next_cursor":"c"}',
  '{',
];
const statuses = [200, 201, 400, 404, 422, 500];

/** Creates a `fetch` whose responses have the body, and one status after the other. The first ones are 200. */
function fetchWithBody(body: string) {
  let count = 0;
  const headers = { 'Content-Type': 'application/json', ETag: 'x', Allow: ',,' };
  return async ({ method }: Request) => {
    count += 1;
    const status = (count > 3 && statuses[count % statuses.length]) || 200;
    return new Response(method === 'HEAD' ? null : body, { status, headers });
  };
}

describe('the conformance suite with malformed responses', () => {
  // The short form has every other body.
  it.each(bodies.filter((_, index) => isSoak || index % 2 === 1))('runs to the end over %s', async (body) => {
    const target = { baseUrl: 'http://127.0.0.1', token: 'one', otherToken: 'two', fetch: fetchWithBody(body) };
    const result = await createSuite({ ...target, seed: 1, cases: soak(1, 2), isStrict: true }).run();
    expect(result.isAborted).toBe(false);
    expect(result.findings.length).toBeGreaterThan(500);
    expect(renderText(result)).toContain('response_schema_conformance');
  });
});
