/** `npm run dev`: generates, builds the docs page and starts the server. `node --watch-path` runs it at each change. */
import { spawnSync } from 'node:child_process';
import { childEnvironment } from './config.ts';

const steps = [['openapi/generate.ts'], ['openapi/docs.ts', '--if-stale']];
// The compiler and the linter that they start need no setting of the server.
const env = childEnvironment();
const hasFailed = steps.some((step) => spawnSync(process.execPath, step, { stdio: 'inherit', env }).status !== 0);
if (hasFailed) process.exit(1);
await import('./start.js');
