/** The server as a library: the app, and what it is made of. */
export { type AppDeps, createApp } from './app.ts';
export { createLog, type Log } from './log.ts';
export type { Docs } from './http/public-pages.ts';
export { type KeyRing, loadKeyRing, makeKeyLine } from './keys/key-ring.ts';
export { openStore } from './store/open-store.ts';
export type { Store, TokenRecord } from './store/store.ts';
export { hashToken, mintToken, type Scope } from './keys/tokens.ts';
