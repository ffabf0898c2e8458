import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import { createSuite, type Finding } from '../conformance/index.ts';
import { faultyFetch } from '../helpers/faulty.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { type Fault, faults } from './faults.ts';

const seed = 20;
/** The faults are seen without generated bodies. */
const cases = 1;

describe(`conformance against ${faults.length} seeded faults (seed ${seed})`, () => {
  let server: TestServer;
  const caught: string[] = [];

  /** Two accounts that nobody has used, so that what one fault leaves behind does not meet the next one. */
  const createTokens = async () => {
    const createToken = () => server.createToken({ accountId: crypto.randomUUID() });
    return { token: await createToken(), otherToken: await createToken() };
  };

  /** Runs the suite until something is found that names the fault. */
  const findFault = async ({ check, says, makeSlip }: Fault): Promise<Finding[]> => {
    const tokens = await createTokens();
    const found: Finding[] = [];
    const ending = new AbortController();
    const options = { baseUrl: server.url, ...tokens, isStrict: true, seed, cases, only: [check] };
    await createSuite({ ...options, fetch: faultyFetch(makeSlip(tokens)) }).run({
      signal: ending.signal,
      onProgress: (_done, _all, { findings }) => {
        found.push(...findings.filter((finding) => finding.check === check));
        if (found.some(({ message }) => says.test(message))) ending.abort();
      },
    });
    return found;
  };

  beforeAll(async () => {
    server = await startServer({ store: await openStore('sqlite::memory:'), maxAppsPerAccount: 100_000 });
  });
  afterAll(async () => {
    console.log(`fault → caught by\n${caught.sort().join('\n')}\n${caught.length} of ${faults.length} caught`);
    await server[Symbol.asyncDispose]();
    await server.store.close();
  });

  it.each(faults)('$check tells that $name', async (fault) => {
    const found = await findFault(fault);
    const named = found.find(({ message }) => fault.says.test(message));
    expect(named, `${fault.says} in: ${found.map(({ message }) => message).join('; ')}`).toBeDefined();
    caught.push(`  ${fault.name.padEnd(38)} → ${fault.check}: ${named?.message}`);
  });
});
