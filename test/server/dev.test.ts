// @databases none
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { docsFiles } from '../../openapi/docs/build.ts';
import manifest from '../../package.json' with { type: 'json' };
import { startProcess } from '../helpers/process.ts';
import { copyProject, descriptionInputs } from '../helpers/project-copy.ts';
import { isSoak } from '../helpers/soak.ts';

const ready = /API +(http:\S+)/g;
const listOrigins = (text: string) => [...text.matchAll(ready)].map(([, url = '']) => new URL(url).origin);

/** Writes docs that stay newer than their sources for a day. */
async function writeDocs(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const later = new Date(Date.now() + 86_400_000);
  for (const name of Object.values(docsFiles)) {
    await writeFile(join(folder, name), '');
    await utimes(join(folder, name), later, later);
  }
}

test('npm run dev regenerates and restarts after a saved YAML', async () => {
  await using copy = await copyProject(...descriptionInputs, 'generated', 'server');
  const env = { PORT: '0', HOST: '', API_TOKEN: 'YOUR_API_TOKEN', DATABASE_URL: '' };
  // In the short form the docs are newer than all changes, so that no step builds them.
  if (!isSoak) await writeDocs(join(copy.folder, 'dist/docs'));
  const provider = 'openapi/components/schemas/Provider.yaml';
  // In the short form the first start generates the change, and the second one is seen to begin.
  if (!isSoak) await copy.edit(provider, '  - workday', '  - workday\n  - xero');
  await using dev = await startProcess(manifest.scripts.dev.split(' '), /API +http:\S+/, { cwd: copy.folder, env });
  if (isSoak) {
    await copy.edit(provider, '  - workday', '  - workday\n  - xero');
    while (listOrigins(dev.output.stdout).length < 2) await delay(100);
  }
  expect(dev.output.stderr).toBe('');
  expect(await copy.read('generated/openapi.json')).toContain('"xero"');
  const url = listOrigins(dev.output.stdout).at(-1);
  const body = JSON.stringify({ name: 'Xero', provider: 'xero', client_id: 'id', client_secret: 'secret' });
  const headers = { Authorization: `Bearer ${env.API_TOKEN}`, 'Content-Type': 'application/json' };
  const response = await fetch(`${url}/v1/oauth-apps`, { method: 'POST', headers, body });
  expect(await response.json()).toMatchObject({ provider: 'xero' });
  if (isSoak) return;
  await copy.edit(provider, '  - xero', '  - xero\n  - zuora');
  while (!dev.output.stdout.includes("Restarting 'server/dev.ts'")) await delay(20);
});
