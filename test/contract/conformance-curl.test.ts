// @databases none
import { describe, expect, it } from 'vitest';
import { toCurl } from '../conformance/curl.ts';
import { createSuite, type Finding } from '../conformance/index.ts';
import { hasCurl, runCurlScripts } from '../helpers/curl.ts';
import { removeHeader } from '../helpers/fault-builders.ts';
import { faultyFetch } from '../helpers/faulty-fetch.ts';
import { startServer } from '../helpers/server.ts';
import { isSoak, soak } from '../helpers/soak.ts';

const token = 'a token\'s $HOME `of` "its" own';
const otherToken = 'another token';
const env = { TOKEN: token, OTHER_TOKEN: otherToken };
const isInstalled = await hasCurl();

/** Returns the options, methods, variables and marks of a script, each once. */
const constructsOf = (script: string) =>
  [...new Set(script.match(/\$\{[a-zA-Z]+|--[a-z-]+|\b[A-Z]{3,}(?= )|[^\w\s]/g))].sort().join(' ');

describe('the curl command of a finding', () => {
  it.runIf(isInstalled)('is the last of a script that makes the records again', async () => {
    await using server = await startServer();
    const other = await server.createToken({ accountId: 'another' });
    const options = { baseUrl: server.url, token: server.token, otherToken: other, seed: 3, cases: 1 };
    const { results, findings, causes } = await createSuite({
      ...options,
      fetch: faultyFetch(server, removeHeader('x-request-id')),
    }).run();
    // A case is broken by its own check alone.
    expect(results.filter(({ isBroken }) => isBroken)).toEqual([]);
    expect(findings.length).toBeGreaterThan(500);
    expect(causes.map(({ message }) => message)).toEqual(['the header X-Request-Id is missing']);
    expect(causes[0]?.operations.length).toBeGreaterThan(20);
    const last = Map.groupBy(findings, ({ caseName }) => caseName);
    const selected = [...last.values()].map((ofCase) => ofCase.at(-1) as Finding);
    // Cases about values differ in the value alone.
    const cases = selected.filter(
      ({ caseName }, index) => !/ (in|accepts|rejects) /.test(caseName) || index % soak(120, 40) === 0,
    );
    // In the short form, one case for each set of options, variables and marks.
    const different = isSoak ? cases : [...new Map(cases.map((each) => [constructsOf(each.again), each])).values()];
    const scripts = different.map(({ again }) => again);
    const statuses = await runCurlScripts(scripts, { TOKEN: server.token, OTHER_TOKEN: other });
    const shown = different.map(({ caseName, status }, index) => `${caseName}: ${statuses[index] ?? status}`);
    expect(shown).toEqual(different.map(({ caseName, status }) => `${caseName}: ${status}`));
    expect(different.filter(({ again, curl }) => again !== curl).length).toBeGreaterThan(15);
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
