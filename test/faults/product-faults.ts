import { callers } from './callers.ts';
import { clients } from './clients.ts';
import type { ProductFault } from './fault.ts';
import { requests } from './requests.ts';
import { rows } from './rows.ts';
import { secrets } from './secrets.ts';
import { threats } from './threats.ts';
import { tools } from './tools.ts';

/** The faults of all parts of the product. */
export const productFaults: readonly ProductFault[] = [
  ...secrets,
  ...callers,
  ...requests,
  ...rows,
  ...clients,
  ...threats,
  ...tools,
];
