/** `npm run dev`: generates, builds the docs page and starts the server. `node --watch-path` runs it at each change. */
import { spawnSync } from 'node:child_process';

const steps = [['openapi/generate.ts'], ['openapi/docs.ts', '--if-stale']];
const hasFailed = steps.some((step) => spawnSync(process.execPath, step, { stdio: 'inherit' }).status !== 0);
if (hasFailed) process.exit(1);
await import('./start.js');
