/** The server as a library: the app, and the parts that it needs. */
export { type AppDeps, createApp } from './app.ts';
export type { FindCaller } from './http/authenticate.ts';
export type { Docs } from './http/public-pages.ts';
export { type KeyRing, loadKeyRing, makeKeyLine } from './keys/key-ring.ts';
export { hashToken, mintToken, type Scope } from './keys/tokens.ts';
export { createLog, type Log } from './log.ts';
export type { Caller } from './operation-types.ts';
export { openStore, type StoreOptions } from './store/open-store.ts';
export {
  type AppChange,
  type AppFilter,
  type AppPage,
  type AppRecord,
  type AuditEntry,
  type AuditedOperations,
  type ChangedColumn,
  type ColumnFilter,
  type CountRequest,
  type CreateOptions,
  type CreateRecordOptions,
  type CreateResult,
  type Envelope,
  type FoundToken,
  type ListOptions,
  type ListRecords,
  type OwnedRecord,
  type RecordChange,
  type RecordFilter,
  type RecordOf,
  type RecordPage,
  type Records,
  type RecordTable,
  type RecordTypes,
  type ResealedSecret,
  type RevealOptions,
  type SealedSecret,
  type SecretPage,
  type SecretPosition,
  type SlotResult,
  type Store,
  type StoredResponse,
  type StoreLoad,
  type StoreResponse,
  StoreUnavailable,
  type TokenRecord,
  type Unwritten,
  type WriteOptions,
} from './store/store.ts';
