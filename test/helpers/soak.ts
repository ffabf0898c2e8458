/** Whether the tests run in their long form (`npm run test:soak`). */
export const isSoak = process.env.SOAK === '1';

/** Returns `long` in the long form of the tests, and `short` in the short form, which takes seconds. */
export const soak = (short: number, long: number): number => (isSoak ? long : short);
