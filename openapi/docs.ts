/**
 * Builds the docs page: one self-contained file, byte-identical for the same description.
 *
 *   npm run docs                      writes dist/docs/index.html
 *   node openapi/docs.ts --if-stale   only when it is older than what it is made from
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const redocly = join(root, 'node_modules/@redocly/cli/bin/cli.js');
const bundle = join(root, 'generated/openapi.json');
const config = join(root, 'redocly.yaml');

const docsPage = join(root, 'dist/docs/index.html');

/** Redoc's badge shows a logo from elsewhere; an empty picture takes its place. */
const foreignLogo = /https:\/\/cdn\.redoc\.ly\/redoc\/logo-mini[\w-]*\.svg/g;
const emptyPicture = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";
/** The browser itself then refuses any request to elsewhere, wherever the file is opened. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'font-src data:',
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

async function buildDocs(): Promise<void> {
  await mkdir(dirname(docsPage), { recursive: true });
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const args = ['build-docs', bundle, '--config', config, '--inlineBundle', '--output', docsPage];
  await promisify(execFile)(process.execPath, [redocly, ...args], { cwd: root, env });
  const page = await readFile(docsPage, 'utf8');
  const head = `<head>\n  <meta http-equiv="Content-Security-Policy" content="${policy}">`;
  await writeFile(docsPage, page.replace('<head>', head).replaceAll(foreignLogo, emptyPicture));
  console.log(`The docs page is ${relative(process.cwd(), docsPage)}`);
}

async function isStale(): Promise<boolean> {
  const changed = async (file: string) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
  const made = await changed(docsPage);
  const sources = await Promise.all([bundle, config, redocly, import.meta.filename].map(changed));
  return sources.some((source) => source >= made);
}

if (!process.argv.includes('--if-stale') || (await isStale())) await buildDocs();
