// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import { createSuite, type Finding } from '../conformance/index.ts';
import { faultyFetch } from '../helpers/faulty-fetch.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { type ServerFault, serverFaults } from './server-faults.ts';

const seed = 20;
/** Generated values per case. The faults are found without them. */
const cases = 1;

describe(`the conformance suite against ${serverFaults.length} seeded faults (seed ${seed})`, () => {
  let server: TestServer;
  const caught: string[] = [];

  /** Creates tokens of two unused accounts, so that a fault does not meet the apps of an earlier one. */
  const createTokens = async () => {
    const createToken = () => server.createToken({ accountId: crypto.randomUUID() });
    return { token: await createToken(), otherToken: await createToken() };
  };

  /** Runs the suite until a finding reports the fault. Returns all findings of its check. */
  const findFault = async ({ check, message, createInjector }: ServerFault): Promise<Finding[]> => {
    const tokens = await createTokens();
    const found: Finding[] = [];
    const abort = new AbortController();
    const options = { baseUrl: server.url, ...tokens, isStrict: true, seed, cases, only: [check] };
    await createSuite({ ...options, fetch: faultyFetch(server, createInjector(tokens)) }).run({
      signal: abort.signal,
      onProgress: (_done, _all, { findings }) => {
        found.push(...findings.filter((finding) => finding.check === check));
        if (found.some((finding) => message.test(finding.message))) abort.abort();
      },
    });
    return found;
  };

  beforeAll(async () => {
    server = await startServer({ store: await openStore('sqlite::memory:'), maxAppsPerAccount: 100_000 });
  });
  afterAll(async () => {
    console.log(`fault → finding\n${caught.sort().join('\n')}\n${caught.length} of ${serverFaults.length} caught`);
    await server[Symbol.asyncDispose]();
    await server.store.close();
  });

  it.each(serverFaults)('$check reports that $name', async (fault) => {
    const found = await findFault(fault);
    const finding = found.find(({ message }) => fault.message.test(message));
    expect(finding, `${fault.message} in: ${found.map(({ message }) => message).join('; ')}`).toBeDefined();
    caught.push(`  ${fault.name.padEnd(38)} → ${fault.check}: ${finding?.message}`);
  });
});
