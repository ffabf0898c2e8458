/** Returns the median of numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Returns a percentile of numbers. @param share From 0 to 1. */
export function percentile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((a, b) => a - b)[Math.ceil(numbers.length * share) - 1] ?? Number.NaN;
}

/** Returns the median of numbers and their spread: half the interquartile range, in per cent of the median. */
export function summarise(numbers: readonly number[]) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const quartile = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  const middle = median(numbers);
  return { median: middle, spread: ((quartile(0.75) - quartile(0.25)) / 2 / middle) * 100 };
}
