import type { KeyRing } from '../keys/key-ring.ts';
import type { Store } from '../store/store.ts';
import type { ReportSecret } from './secrets.ts';

/** All that handlers need from outside. */
export interface HandlerDeps {
  readonly store: Store;
  readonly keyRing: KeyRing;
  /** Returns the present moment. */
  readonly now: () => Date;
  /** The number of apps that an account may hold, and of the records of every other resource. */
  readonly maxAppsPerAccount: number;
  /** The epoch of the installation, which each restore changes. @default '' */
  readonly epoch?: string;
  /** Called for every secret that does not open. @default () => {} */
  readonly reportSecret?: ReportSecret;
  /** Called with the id of a key that the database has and the configuration has not. @default () => {} */
  readonly reportKey?: (keyId: string) => void;
}
