#!/usr/bin/env node
// The commands run from their source in the repository, and from the build in the installed package.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

// By default this signal opens the inspector, which reads keys and secrets out of the memory.
process.on('SIGUSR1', () => {});

const source = new URL('./cli.ts', import.meta.url);
const isRepository = existsSync(source) && !import.meta.url.includes('/node_modules/');
if (isRepository && !process.features.typescript) {
  console.error(
    `Node ${process.version} cannot run TypeScript. Run \`npm ci\` (without --ignore-scripts) and start with npx.`,
  );
  process.exit(1);
}
// Beside the package, where only its owner can write: the cache holds code. Node 20 has none.
const cache = new URL(
  isRepository ? '../node_modules/.cache/compile' : '../../.cache/oauth-apps-contract',
  import.meta.url,
);
nodeModule.enableCompileCache?.(fileURLToPath(cache));
await import(isRepository ? source.href : new URL('../dist/package/server/cli.js', import.meta.url).href);
