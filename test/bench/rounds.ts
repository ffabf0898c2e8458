import { type Sample, sample } from './load.ts';
import type { Measured } from './operations.ts';
import { median, percentile, summarise } from './statistics.ts';
import type { Target } from './target.ts';

/** What all rounds of a request gave for one server. */
export interface Figures {
  readonly request: string;
  readonly server: string;
  /** Answers per second: the median, and the spread in per cent. */
  readonly perSecond: number;
  readonly spread: number;
  readonly cpuMicroseconds: number;
  readonly p99Milliseconds: number;
  /** Against the first server: medians over the rounds. */
  readonly throughputRatio: number;
  readonly ratioSpread: number;
  readonly cpuRatio: number;
}

/** A round of a request: slices that alternate between servers, those of each in a list. */
type Round = ReadonlyMap<string, readonly Sample[]>;

const perSecondOf = ({ perSecond }: Sample) => perSecond;
const cpuOf = ({ cpuMicroseconds }: Sample) => cpuMicroseconds;

function figuresOf(request: string, server: string, base: string, rounds: readonly Round[]): Figures {
  const slicesOf = (round: Round, name = server) => round.get(name) ?? [];
  const mediansOf = (of: (sample: Sample) => number) => rounds.map((round) => median(slicesOf(round).map(of)));
  // Only what was measured within the same moment is compared: machines are not equally fast all the time.
  const quotientsOf = (of: (sample: Sample) => number) =>
    rounds.map((round) =>
      median(slicesOf(round).map((slice, index) => of(slice) / of(slicesOf(round, base)[index] as Sample))),
    );
  const { median: perSecond, spread } = summarise(mediansOf(perSecondOf));
  const { median: throughputRatio, spread: ratioSpread } = summarise(quotientsOf(perSecondOf));
  return {
    ...{ request, server, perSecond, spread },
    cpuMicroseconds: median(mediansOf(cpuOf)),
    p99Milliseconds: percentile(
      rounds.flatMap((round) => slicesOf(round).flatMap(({ latencies }) => latencies)),
      0.99,
    ),
    ...{ throughputRatio, ratioSpread },
    cpuRatio: 1 / median(quotientsOf(cpuOf)),
  };
}

/** How often a round measures each server, for a fraction of a second. */
const slices = 24;
/** The requests of a slice, as a part of those of a round. */
const sliceShare = 0.15;
/** As many as a round go before it, so that a new process has compiled what it needs. */
const warmUpShare = 2;

/** One round of one request. Each slice begins with another server. */
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
 * Measures requests on servers by turns, in slices of a fraction of a second, and in rounds with new processes: neither
 * a moment in which the machine is slow nor a process that is slow by its own luck decides.
 */
export async function measure<Kind extends string>(
  kinds: readonly Kind[],
  start: (kind: Kind, round: number) => Promise<Target>,
  { requests, rounds, say }: { requests: readonly Measured[]; rounds: number; say: (text: string) => void },
): Promise<Figures[]> {
  const measured = new Map<Measured, Round[]>(requests.map((request) => [request, []]));
  for (let round = 0; round < rounds; round += 1) {
    await using stack = new AsyncDisposableStack();
    const targets: Target[] = [];
    for (const kind of kinds) targets.push(stack.use(await start(kind, round)));
    for (const [request, ofRequest] of measured) {
      // Without enforcement nothing is refused.
      const able = targets.filter(({ kind }) => kind !== 'off' || request.status < 400);
      ofRequest.push(await measureRound(request, able));
    }
    say(`round ${round + 1} of ${rounds}`);
  }
  return [...measured].flatMap(([request, ofRequest]) => {
    const [base = ''] = ofRequest[0]?.keys() ?? [];
    return kinds
      .filter((kind) => ofRequest[0]?.has(kind))
      .map((kind) => figuresOf(request.name, kind, base, ofRequest));
  });
}
