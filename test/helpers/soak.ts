/** Whether the tests run in their long form, as `npm run test:soak` has them. */
export const isSoak = process.env.SOAK === '1';

/** A count in the short form of the tests, which takes seconds, and in the long form, which shows the whole figure. */
export const soak = (short: number, long: number): number => (isSoak ? long : short);
