/** Rates the changes of the bundle and of the package since a git ref, and requires a version that matches. See `--help`. */
import { resolve } from 'node:path';
import { runDiff } from './diff/run.ts';

const { code, stdout, stderr } = await runDiff(process.argv.slice(2), resolve(import.meta.dirname, '..'));
if (stdout !== '') console.log(stdout);
if (stderr !== '') console.error(stderr);
process.exitCode = code;
