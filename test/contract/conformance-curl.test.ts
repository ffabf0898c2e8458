// @databases none
import { describe, expect, it } from 'vitest';
import { toCurl } from '../conformance/curl.ts';
import { createSuite, type Finding } from '../conformance/index.ts';
import { removeHeader } from '../helpers/fault-builders.ts';
import { faultyFetch } from '../helpers/faulty-fetch.ts';
import { run } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';
import { startIndependentServer } from '../independent/server.ts';

const token = 'a token\'s $HOME `of` "its" own';
const otherToken = 'another token';
const env = { TOKEN: token, OTHER_TOKEN: otherToken };
const { code: missing } = await run(['bash', '-c', 'command -v curl']);

/** Returns the last status. A response to a large body starts with `100 Continue`. */
const statusOf = (text: string) => [...text.matchAll(/^HTTP\/[\d.]+ (\d+)/gm)].at(-1)?.[1];

describe('the curl command of a finding', () => {
  it.runIf(missing === 0)('gets the same status as the finding', async () => {
    await using server = await startIndependentServer({ tokens: { [token]: 'one', [otherToken]: 'two' } });
    const suite = createSuite({ baseUrl: server.url, token, otherToken, seed: 3, cases: 1 });
    const { findings } = await suite.run();
    const different = Map.groupBy(findings, ({ check, operationId, message }) => `${check} ${operationId} ${message}`);
    const all = [...different.values()].map(([finding]) => finding as Finding);
    // Whether Node loses the response depends on how many packets the bytes come in.
    const selected = all.filter(({ cause }) => !cause.includes('bytes behind'));
    const script = selected.map(({ curl }) => `echo; ${curl} --silent --max-time 5; echo; echo ---`).join('\n');
    const { stdout } = await run(['bash', '-c', script], { env });
    const statuses = stdout.split('\n---\n').slice(0, -1).map(statusOf);
    expect(statuses).toEqual(selected.map(({ response }) => response.split(' ')[0]));
    expect(selected.length).toBeGreaterThan(60);
  });

  it.runIf(missing === 0)('is the last of a script that makes the records again', async () => {
    await using server = await startServer();
    const other = await server.createToken({ accountId: 'another' });
    const options = { baseUrl: server.url, token: server.token, otherToken: other, seed: 3, cases: 1 };
    const { findings } = await createSuite({
      ...options,
      fetch: faultyFetch(server, removeHeader('x-request-id')),
    }).run();
    const last = Map.groupBy(findings, ({ caseName }) => caseName);
    const selected = [...last.values()].map((ofCase) => ofCase.at(-1) as Finding);
    // Cases about values differ in the value alone.
    const different = selected.filter(
      ({ caseName }, index) => !/ (in|accepts|rejects) /.test(caseName) || index % soak(120, 40) === 0,
    );
    const script = different.map(({ again }) => `(\n${again} --silent --max-time 9; echo; )\necho ---`).join('\n');
    const { stdout } = await run(['sh', '-c', script], { env: { TOKEN: server.token, OTHER_TOKEN: other } });
    const statuses = stdout.split('\n---\n').slice(0, -1).map(statusOf);
    const shown = different.map(({ caseName, status }, index) => `${caseName}: ${statuses[index] ?? status}`);
    expect(shown).toEqual(different.map(({ caseName, status }) => `${caseName}: ${status}`));
    expect(different.filter(({ again, curl }) => again !== curl).length).toBeGreaterThan(20);
  });

  const request = { method: 'POST', url: 'http://127.0.0.1/', headers: { authorization: `Bearer ${token}x` } };

  it('keeps the text around the token', () => {
    expect(toCurl(request, env)).toMatch(/--header "authorization: Bearer \$\{TOKEN\}x"/);
    expect(toCurl({ ...request, headers: { authorization: 'Bearer wrong' } }, env)).toContain(
      "'authorization: Bearer wrong'",
    );
  });

  it('has no byte that a terminal obeys in a header', () => {
    const curl = toCurl({ ...request, headers: { 'if-match': '"\u009b31m% \\ \'"' } }, env);
    expect(curl).toContain(String.raw`--header "$(printf 'if-match: "\23331m%% \\ '\''"')"`);
  });

  it('replaces a secret by another one of equal length', () => {
    const bodyOf = (client_secret: string) => toCurl({ ...request, body: JSON.stringify({ client_secret }) }, env);
    expect(bodyOf('sésame "😀')).toContain(`'{"client_secret":"sssssssss"}'`);
    for (const kept of ['', '**********']) expect(bodyOf(kept)).toContain(`'{"client_secret":"${kept}"}'`);
  });

  it('is short for a body of one megabyte', () => {
    const curl = toCurl({ ...request, body: `{"name":"${'x'.repeat(1_000_000)}"}` }, env);
    expect(curl).toMatch(/^\{ printf %s '\{"name":"'; head -c 1000000 .*\} \| curl .*--data-binary @-$/);
  });
});
