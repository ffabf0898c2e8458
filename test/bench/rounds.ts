import { type Sample, sample } from './load.ts';
import type { Measured } from './operations.ts';
import { median, percentile, summarise } from './statistics.ts';
import type { Target } from './target.ts';

/** The figures of one request on one server over all rounds. */
export interface Figures {
  readonly request: string;
  readonly server: string;
  /** Responses per second: the median, and the spread in per cent. */
  readonly perSecond: number;
  readonly spread: number;
  readonly cpuMicroseconds: number;
  readonly p99Milliseconds: number;
  /** Ratios to the first server: medians over the rounds. */
  readonly throughputRatio: number;
  readonly ratioSpread: number;
  readonly cpuRatio: number;
}

/** The slices of a round of one request, by server. */
type Round = ReadonlyMap<string, readonly Sample[]>;

const getPerSecond = ({ perSecond }: Sample) => perSecond;
const getCpu = ({ cpuMicroseconds }: Sample) => cpuMicroseconds;

function summariseRounds(request: string, server: string, base: string, rounds: readonly Round[]): Figures {
  const getSlices = (round: Round, name = server) => round.get(name) ?? [];
  const listMedians = (of: (sample: Sample) => number) => rounds.map((round) => median(getSlices(round).map(of)));
  // Only slices of the same moment are compared, because the speed of the machine varies.
  const listRatios = (of: (sample: Sample) => number) =>
    rounds.map((round) =>
      median(getSlices(round).map((slice, index) => of(slice) / of(getSlices(round, base)[index] as Sample))),
    );
  const { median: perSecond, spread } = summarise(listMedians(getPerSecond));
  const { median: throughputRatio, spread: ratioSpread } = summarise(listRatios(getPerSecond));
  return {
    ...{ request, server, perSecond, spread },
    cpuMicroseconds: median(listMedians(getCpu)),
    p99Milliseconds: percentile(
      rounds.flatMap((round) => getSlices(round).flatMap(({ latencies }) => latencies)),
      0.99,
    ),
    ...{ throughputRatio, ratioSpread },
    cpuRatio: 1 / median(listRatios(getCpu)),
  };
}

/** The number of slices of each server in a round. A slice takes a fraction of a second. */
const slices = 24;
/** The requests of a slice, as a fraction of those of a round. */
const sliceShare = 0.15;
/** The requests before a round, as a multiple of its requests, so that the new process has compiled its code. */
const warmUpShare = 2;

/** Measures one round of one request. Each slice begins with another server. */
async function measureRound(request: Measured, targets: readonly Target[]): Promise<Round> {
  const samples = new Map<string, Sample[]>(targets.map(({ kind }) => [kind, []]));
  for (const target of targets) await sample(target, request, request.amount * warmUpShare);
  for (let slice = 0; slice < slices; slice += 1) {
    const order = targets.map((_, index) => targets[(index + slice) % targets.length] as Target);
    for (const target of order) {
      samples.get(target.kind)?.push(await sample(target, request, Math.ceil(request.amount * sliceShare)));
    }
  }
  return samples;
}

/**
 * Measures requests on several servers by turns, in slices of a fraction of a second and in rounds with new processes.
 * So neither a slow moment of the machine nor a slow process affects one server alone.
 */
export async function measure<Kind extends string>(
  kinds: readonly Kind[],
  start: (kind: Kind, round: number) => Promise<Target>,
  { requests, rounds, report }: { requests: readonly Measured[]; rounds: number; report: (text: string) => void },
): Promise<Figures[]> {
  const measured = new Map<Measured, Round[]>(requests.map((request) => [request, []]));
  for (let round = 0; round < rounds; round += 1) {
    await using stack = new AsyncDisposableStack();
    const targets: Target[] = [];
    for (const kind of kinds) targets.push(stack.use(await start(kind, round)));
    for (const [request, requestRounds] of measured) {
      // A server without validation rejects nothing.
      const comparable = targets.filter(({ kind }) => kind !== 'off' || request.status < 400);
      requestRounds.push(await measureRound(request, comparable));
    }
    report(`round ${round + 1} of ${rounds}`);
  }
  return [...measured].flatMap(([request, requestRounds]) => {
    const [base = ''] = requestRounds[0]?.keys() ?? [];
    return kinds
      .filter((kind) => requestRounds[0]?.has(kind))
      .map((kind) => summariseRounds(request.name, kind, base, requestRounds));
  });
}
