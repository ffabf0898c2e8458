/**
 * What `npm start` starts. Plain JavaScript, because Node loads its support for TypeScript, 16 MB, for the first file that
 * it does not find compiled; so the cache is switched on before there is one.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));
await import('./main.ts');
