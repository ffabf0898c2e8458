/** Runs the suite on a store in memory and on its twins with a seeded fault. Prints what is broken, as JSON. */
import { createStoreSuite, StoreFailure } from '../store-tests/index.ts';
import { faults } from './faults.ts';
import { MemoryStore } from './memory-store.ts';

/** Returns the messages of the broken cases of a store, by their names. Tries all cases, or one. */
async function tryStore(make: () => MemoryStore, only?: string): Promise<Record<string, string>> {
  const suite = createStoreSuite({
    open: async () => make(),
    reopen: async (store) => {
      await store.close();
      return store.reopen();
    },
    disconnect: async (store) => store.disconnect(),
  });
  const broken: Record<string, string> = {};
  for (const { name, run } of suite.filter((item) => only === undefined || item.name === only)) {
    await run().catch((error: Error) => {
      broken[name] = `${error instanceof StoreFailure ? '' : `${error.name} `}${error.message}`;
    });
  }
  return broken;
}

/** Tries every store. Returns the failures by store, and the expected one of each fault. */
export async function tryStores() {
  const found = [];
  for (const [name, { make, breaks, method }] of Object.entries(faults)) {
    found.push({ name, breaks, method, message: (await tryStore(make, breaks))[breaks] ?? 'not found' });
  }
  return { right: await tryStore(() => new MemoryStore()), found };
}
