import { globSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { copyProject, descriptionParts, type ProjectCopy } from '../helpers/copy.ts';
import { root } from '../helpers/process.ts';

const generate = ['node', 'openapi/generate.ts'];
const readJson = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

/** What `redocly bundle` makes of the description in a copy. */
async function bundleOf(copy: ProjectCopy) {
  const output = join(copy.folder, 'by-redocly.json');
  const { code, stderr } = await copy.run(['redocly', 'bundle', 'openapi/openapi.yaml', '--output', output]);
  if (code !== 0) throw new Error(stderr);
  return readJson(output);
}

/** What `npm run generate` makes of it. */
async function generatedOf(copy: ProjectCopy) {
  const { code, stderr } = await copy.run(generate);
  if (code !== 0) throw new Error(stderr);
  const { 'x-generated': _, ...bundle } = await readJson(join(copy.folder, 'generated/openapi.json'));
  return bundle;
}

describe.concurrent('bundle', () => {
  it('is what redocly bundle gives', async () => {
    await using copy = await copyProject(...descriptionParts);
    const { 'x-generated': _, ...committed } = await readJson(join(root, 'generated/openapi.json'));
    expect(committed).toEqual(await bundleOf(copy));
  });

  it('is what redocly bundle gives of an inline component, of texts beside a $ref and of a schema within itself', async () => {
    await using copy = await copyProject(...descriptionParts);
    const scheme = await copy.read('openapi/components/securitySchemes/BearerAuth.yaml');
    const reference = '      $ref: components/securitySchemes/BearerAuth.yaml\n';
    await copy.edit('openapi/openapi.yaml', reference, scheme.replace(/^/gm, '      '));
    await copy.edit(
      'openapi/components/schemas/Health.yaml',
      'properties:\n',
      'properties:\n  before:\n    $ref: Health.yaml\n    description: The one before.\n    x-provenance: inferred\n',
    );
    const generated = await generatedOf(copy);
    expect(generated.components.schemas.Health.properties.before.$ref).toBe('#/components/schemas/Health');
    expect(generated).toEqual(await bundleOf(copy));
  });

  it('is found among what Node itself posts where it watches', async () => {
    await using copy = await copyProject(...descriptionParts, 'generated');
    const { code, stderr } = await copy.run(generate, { env: { WATCH_REPORT_DEPENDENCIES: '1' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('is made while lint reads each file of the description once', async () => {
    await using copy = await copyProject(...descriptionParts);
    const log = join(copy.folder, 'reads.log');
    const preload = pathToFileURL(join(root, 'test/helpers/log-reads.ts')).href;
    const words = ['node', '--import', preload, ...generate.slice(1), '--check'];
    await copy.run(words, { env: { READS_LOG: log } });
    const folder = await realpath(copy.folder);
    const descriptions = globSync('openapi/**/*.yaml', { cwd: folder }).map((file) => join(folder, file));
    const read = (await readFile(log, 'utf8')).trim().split('\n');
    expect(read.sort()).toEqual([...descriptions, join(folder, 'redocly.yaml')].sort());
  });
});
