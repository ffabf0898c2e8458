import { join } from 'node:path';
import { sample } from './load.ts';
import { measured } from './operations.ts';
import type { Section } from './section.ts';
import { startTarget } from './target.ts';

const steps = 10;
const [few, many] = [60_000, 1_000_000];
const megabyte = 2 ** 20;
/** The requests that leave no rows behind, which a longer list would count as memory. */
const repeatable = measured.filter(({ name }) => name !== 'list of 100' && name !== 'POST');

/** The slope of points by least squares. */
function slopeOf(points: readonly { x: number; y: number }[]): number {
  const mean = (of: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = mean((point) => (point.x - x) ** 2);
  return mean((point) => (point.x - x) * (point.y - y)) / spread;
}

/** The heap after a collection, in steps over a million requests (`--full`) or fewer. */
export const memory: Section = async ({ folder, isFull, say }) => {
  await using target = await startTarget('on', `sqlite:${join(folder, 'memory.db')}`, folder);
  const perStep = (isFull ? many : few) / steps;
  const rows = [];
  for (let step = 0; step <= steps; step += 1) {
    // The first step fills what is filled once.
    for (const request of repeatable) await sample(target, request, Math.round(perStep / repeatable.length));
    const { heapUsed, rss } = await target.usage('heap');
    rows.push({ requests: Math.round(perStep * (step + 1)), heap: heapUsed / megabyte, rss: rss / megabyte });
    say(`memory ${step + 1}`);
  }
  const slope = slopeOf(rows.slice(1).map(({ requests, heap }) => ({ x: requests / 100_000, y: heap })));
  return [...rows, { figure: 'heap, MB per 100,000 requests', slope }];
};
