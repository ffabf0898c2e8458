import { join } from 'node:path';
import { sample } from './load.ts';
import { measured } from './operations.ts';
import type { Section } from './section.ts';
import { startTarget } from './target.ts';

const steps = 10;
const [few, many] = [60_000, 1_000_000];
const megabyte = 2 ** 20;
/** The requests that neither add rows nor list many of them. */
const repeatable = measured.filter(({ name }) => name !== 'list of 100' && name !== 'POST');

/** Returns the slope of points by least squares. */
function fitSlope(points: readonly { x: number; y: number }[]): number {
  const mean = (of: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = mean((point) => (point.x - x) ** 2);
  return mean((point) => (point.x - x) * (point.y - y)) / spread;
}

/** Measures the heap after garbage collections, in steps over 60,000 requests, or over a million with `--full`. */
export const memory: Section = async ({ folder, isFull, report }) => {
  await using target = await startTarget('on', `sqlite:${join(folder, 'memory.db')}`, folder);
  const perStep = (isFull ? many : few) / steps;
  const rows = [];
  for (let step = 0; step <= steps; step += 1) {
    // The first step fills caches.
    for (const request of repeatable) await sample(target, request, Math.round(perStep / repeatable.length));
    const { heapUsed, rss } = await target.usage('heap');
    rows.push({ requests: Math.round(perStep * (step + 1)), heap: heapUsed / megabyte, rss: rss / megabyte });
    report(`memory ${step + 1}`);
  }
  const slope = fitSlope(rows.slice(1).map(({ requests, heap }) => ({ x: requests / 100_000, y: heap })));
  return [...rows, { figure: 'heap, MB per 100,000 requests', slope }];
};
