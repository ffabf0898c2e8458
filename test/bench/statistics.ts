/** The middle of numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The number that this share of all is not above. */
export function percentile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((a, b) => a - b)[Math.ceil(numbers.length * share) - 1] ?? Number.NaN;
}

/** The middle of numbers, and how far they lie apart: half the distance between the quartiles, in per cent of it. */
export function summarise(numbers: readonly number[]) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const quartile = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  const middle = median(numbers);
  return { median: middle, spread: ((quartile(0.75) - quartile(0.25)) / 2 / middle) * 100 };
}
