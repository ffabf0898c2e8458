import { type Sample, sample } from './load.ts';
import type { Measured } from './operations.ts';
import { median, summarise } from './statistics.ts';
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
  /** Against the first server: medians over the rounds of the quotients within a round. */
  readonly throughputRatio: number;
  readonly cpuRatio: number;
}

function figuresOf(request: string, server: string, own: readonly Sample[], base: readonly Sample[]): Figures {
  const quotients = (of: (sample: Sample) => number) =>
    own.map((sample, round) => of(sample) / of(base[round] as Sample));
  const { median: perSecond, spread } = summarise(own.map((sample) => sample.perSecond));
  return {
    ...{ request, server, perSecond, spread },
    cpuMicroseconds: median(own.map((sample) => sample.cpuMicroseconds)),
    p99Milliseconds: median(own.map((sample) => sample.p99Milliseconds)),
    throughputRatio: median(quotients((sample) => sample.perSecond)),
    cpuRatio: 1 / median(quotients((sample) => sample.cpuMicroseconds)),
  };
}

/** Measures requests on servers in turn, round by round, each round in another order. */
export async function measure(
  targets: readonly Target[],
  requests: readonly Measured[],
  rounds: number,
  say: (text: string) => void,
): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const request of requests) {
    // Without enforcement nothing is refused.
    const able = targets.filter(({ kind }) => kind !== 'off' || request.status < 400);
    const samples = new Map<Target, Sample[]>(able.map((target) => [target, []]));
    for (const target of able) await sample(target, request);
    for (let round = 0; round < rounds; round += 1) {
      const order = able.map((_, index) => able[(index + round) % able.length] as Target);
      for (const target of order) samples.get(target)?.push(await sample(target, request));
    }
    const [base = []] = samples.values();
    for (const [{ kind }, own] of samples) {
      const all = figuresOf(request.name, kind, own, base);
      figures.push(all);
      say(`${request.name}, ${kind}: ${all.throughputRatio.toFixed(2)}, by processor time ${all.cpuRatio.toFixed(2)}`);
    }
  }
  return figures;
}
