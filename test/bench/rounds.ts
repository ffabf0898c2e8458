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

/** Part of the requests of a measurement that go before it, so that a new process has compiled what it needs. */
const warmUpShare = 0.5;

/**
 * Measures requests on servers in turn, round by round, each round in another order and with new processes: one that is
 * fast or slow by its own luck does not decide.
 */
export async function measure<Kind extends string>(
  kinds: readonly Kind[],
  start: (kind: Kind, round: number) => Promise<Target>,
  { requests, rounds, say }: { requests: readonly Measured[]; rounds: number; say: (text: string) => void },
): Promise<Figures[]> {
  const samples = new Map(requests.map((request) => [request, new Map<string, Sample[]>()]));
  for (let round = 0; round < rounds; round += 1) {
    await using stack = new AsyncDisposableStack();
    const targets: Target[] = [];
    for (const kind of kinds) targets.push(stack.use(await start(kind, round)));
    for (const [request, ofRequest] of samples) {
      // Without enforcement nothing is refused.
      const able = targets.filter(({ kind }) => kind !== 'off' || request.status < 400);
      const order = able.map((_, index) => able[(index + round) % able.length] as Target);
      for (const target of order) {
        await sample(target, request, Math.ceil(request.amount * warmUpShare));
        ofRequest.set(target.kind, [...(ofRequest.get(target.kind) ?? []), await sample(target, request)]);
      }
    }
    say(`round ${round + 1} of ${rounds}`);
  }
  return [...samples].flatMap(([request, ofRequest]) => {
    const compared = kinds.filter((kind) => ofRequest.has(kind));
    const base = ofRequest.get(compared[0] ?? '') ?? [];
    return compared.map((kind) => figuresOf(request.name, kind, ofRequest.get(kind) ?? [], base));
  });
}
