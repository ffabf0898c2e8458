/** Options of TanStack Query for each operation. They are plain objects, so that no version of it is installed with them. */
export { createMutations, createQueries } from '../generated/queries.ts';
