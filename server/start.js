/**
 * The entry of `npm start`. Plain JavaScript: Node loads its TypeScript support (16 MB) for the first file that is not in
 * the compile cache, so the cache is enabled before that.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// By default this signal opens the inspector, which reads keys and secrets out of the memory.
process.on('SIGUSR1', () => {});
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));
await import('./main.ts');
