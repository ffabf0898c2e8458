// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import { createSuite, type Finding } from '../conformance/index.ts';
import { combineFaults, faultyFetch } from '../helpers/faulty-fetch.ts';
import { seededRandom } from '../helpers/random.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { isSoak, soak } from '../helpers/soak.ts';
import { isHiddenBy, isOutermost } from './hiding-faults.ts';
import type { ServerFault } from './server-fault.ts';
import { serverFaults } from './server-faults.ts';

const seed = 20;
/** Generated values per case. The faults are found without them. */
const cases = 1;

/** Seed of the pairs. `PAIR_SEED=N npm run test:soak -- <this file>` tries others. */
const pairSeed = Number(process.env.PAIR_SEED) || (isSoak ? 822_044 : 1);

/** Picks pairs of different faults. */
function pickPairs(count: number): [string, string][] {
  const random = seededRandom(pairSeed);
  const pick = () => serverFaults[random(serverFaults.length)]?.name ?? '';
  const pairs = Array.from({ length: count * 2 }, (): [string, string] => [pick(), pick()]);
  return pairs.filter(([one, other]) => one !== other).slice(0, count);
}

/** The faults of the short form: two of each check. */
const chosenFaults = isSoak
  ? serverFaults
  : [...Map.groupBy(serverFaults, ({ check }) => check).values()].flatMap((ofCheck) => ofCheck.slice(0, 2));

const soakOnly = <Item>(items: readonly Item[]) => items.slice(0, soak(0, items.length));

describe(`the conformance suite against ${chosenFaults.length} seeded faults (seed ${seed}, pairs ${pairSeed})`, () => {
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
    console.log(`fault → finding\n${caught.sort().join('\n')}\n${caught.length} of ${chosenFaults.length} caught`);
    await server[Symbol.asyncDispose]();
    await server.store.close();
  });

  /** Runs the whole suite on a server with faults. Returns the causes, and those that name each fault. */
  const findCauses = async (faults: readonly ServerFault[]) => {
    const tokens = await createTokens();
    const ordered = faults.toSorted((one, other) => Number(isOutermost(one.name)) - Number(isOutermost(other.name)));
    const fetch = faultyFetch(server, combineFaults(ordered.map((fault) => fault.createInjector(tokens))));
    const { causes } = await createSuite({ baseUrl: server.url, ...tokens, isStrict: true, seed, cases, fetch }).run();
    // A finding that follows from another cause does not name its own.
    const isAbout = ({ check, message }: ServerFault) =>
      causes.findIndex((cause) =>
        cause.findings.some(
          (finding) => finding.check === check && message.test(finding.message) && finding.cause === cause.message,
        ),
      );
    return { causes: causes.map(({ check, message }) => `${check}: ${message}`), places: faults.map(isAbout) };
  };

  it.each(soakOnly(serverFaults))('names first and alone that $name', async (fault) => {
    const { causes, places } = await findCauses([fault]);
    expect({ places, causes }).toEqual({ places: [0], causes: [expect.stringContaining(fault.check)] });
  });

  const pairs = pickPairs(soak(1, 60));
  it.each(pairs)('names each that %s, and %s', async (...names) => {
    const faults = names.map((name) => serverFaults.find((fault) => fault.name === name) as ServerFault);
    const { causes, places } = await findCauses(faults);
    const named = places.filter((place, index) => place >= 0 || !isHiddenBy(faults[index]?.name ?? '', faults));
    expect(named, causes.join('\n')).not.toContain(-1);
    // A hidden fault may still be seen in part, as one cause.
    const others = causes.length - new Set(named).size;
    expect(others, causes.join('\n')).toBeGreaterThanOrEqual(0);
    expect(others, causes.join('\n')).toBeLessThanOrEqual(faults.length - named.length);
  });

  it.each(chosenFaults)('$check reports that $name', async (fault) => {
    const found = await findFault(fault);
    const finding = found.find(({ message }) => fault.message.test(message));
    expect(finding, `${fault.message} in: ${found.map(({ message }) => message).join('; ')}`).toBeDefined();
    caught.push(`  ${fault.name.padEnd(38)} → ${fault.check}: ${finding?.message}`);
  });
});
