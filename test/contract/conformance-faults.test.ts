// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import { createSuite, type Finding } from '../conformance/index.ts';
import { combineFaults, faultyFetch } from '../helpers/faulty-fetch.ts';
import { seededRandom } from '../helpers/random.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { isSoak, soak } from '../helpers/soak.ts';
import type { ServerFault } from './server-fault.ts';
import { serverFaults } from './server-faults.ts';

const seed = 20;
/** Generated values per case. The faults are found without them. */
const cases = 1;

/** Seed of the pairs; another one in each long run. */
const pairSeed = isSoak ? Date.now() % 1_000_000 : 1;

const metadataFilters = [
  'metadata types are ignored',
  'nested metadata matches partially',
  'null matches a missing property',
  'one of two properties is enough',
  'the metadata filter is ignored',
];

/** Faults behind which others cannot be seen, and why. */
const hidingFaults: Readonly<Record<string, RegExp>> = {
  // No case may change anything.
  'the same body creates one app': /./,
  // Pages lack apps.
  'the newest app is not listed': /./,
  'any token is accepted': /^a token with a suffix is accepted/,
  // A key that has no effect is not validated either.
  'the key is ignored': /^keys with spaces are accepted|^a repeated request creates a second app/,
  // Updates are not judged after a server error.
  'update fails': /^update |^a rejected update|^another account can update/,
  // Nothing is deleted, for no account.
  'delete does nothing': /^another account can delete|^delete deletes every app|^a second delete/,
  // The connection ends before the other status.
  'malformed JSON closes the connection': /^malformed JSON is 422/,
  // The outer one of two changed filters lists without the inner one.
  ...Object.fromEntries(
    metadataFilters.map((name) => [name, new RegExp([...metadataFilters, 'combined filters'].join('|'))]),
  ),
  // The ETag that If-Match would be compared with is not shown.
  'ETag is weak': /^weak ETags match If-Match|^the ETag never changes/,
  // It is a strong one.
  'the ETag never changes': /^ETag is weak/,
};
const isOfShape = (name: string) => ['list is a bare array', 'get wraps the app'].includes(name);
const isHiddenBy = (name: string, others: readonly ServerFault[]) =>
  others.some((other) => other.name !== name && hidingFaults[other.name]?.test(name));

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
    // A fault that changes lists needs a list, so that one of its shape comes last.
    const ordered = [...faults].sort(({ name }, { name: other }) => Number(isOfShape(name)) - Number(isOfShape(other)));
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
    expect(causes).toHaveLength(new Set(named).size);
  });

  it.each(chosenFaults)('$check reports that $name', async (fault) => {
    const found = await findFault(fault);
    const finding = found.find(({ message }) => fault.message.test(message));
    expect(finding, `${fault.message} in: ${found.map(({ message }) => message).join('; ')}`).toBeDefined();
    caught.push(`  ${fault.name.padEnd(38)} → ${fault.check}: ${finding?.message}`);
  });
});
