// @databases none
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../helpers/process.ts';
import { copyProject, descriptionInputs } from '../helpers/project-copy.ts';
import { isSoak } from '../helpers/soak.ts';

const generated = 'generated';
const check = ['node', 'openapi/generate.ts', '--check'];
const generate = ['node', 'openapi/generate.ts'];
const copyAll = () => copyProject(...descriptionInputs, generated);

/** Returns the content of every file of generated/, by name. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, generated))).sort();
  const contents = await Promise.all(names.map((name) => readFile(join(folder, generated, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, contents[index] ?? '']));
}

// Concurrent, because each test has its own copy and mostly waits for the linter.
describe.concurrent('drift of generated/', () => {
  // `npm run check`, which `npm test` runs first, has shown this.
  it.runIf(isSoak)('is absent from a fresh generation', async () => {
    await using copy = await copyAll();
    expect(await copy.run(check)).toMatchObject({ code: 0, stderr: '' });
  });

  it('is reported after edits of it and of the YAML, and not repaired', async () => {
    await using copy = await copyAll();
    await copy.edit('generated/client.ts', 'List OAuth apps', 'List all OAuth apps');
    await rm(join(copy.folder, 'generated/values.ts'));
    await copy.write('generated/added.ts', '');
    await copy.edit('openapi/components/schemas/Provider.yaml', '  - workday', '  - workday\n  - xero');
    const before = await snapshot(copy.folder);
    const { code, stderr } = await copy.run(check);
    expect(code).toBe(1);
    const ofSchema = 'openapi.json, openapi-3.0.json, types.ts, lists.ts';
    const names = `${ofSchema}, values.ts, client.ts, schema-checks.ts, added.ts`;
    expect(stderr).toContain(`drifted (${names}). Run \`npm run generate\``);
    expect(await snapshot(copy.folder)).toEqual(before);
  });
});

describe.concurrent('generate', () => {
  // `npm run check` compares the same bytes, and other tests write them.
  it.runIf(isSoak)('writes the committed bytes from scratch', async () => {
    await using copy = await copyProject(...descriptionInputs);
    expect(await copy.run(generate)).toMatchObject({ code: 0, stderr: '' });
    expect(await snapshot(copy.folder)).toEqual(await snapshot(root));
  });

  it('leaves no file behind when lint fails', async () => {
    await using copy = await copyProject(...descriptionInputs);
    await copy.edit('openapi/paths/v1_oauth-apps.yaml', 'x-provenance: documented', '');
    const before = await readdir(copy.folder);
    const { code, stderr } = await copy.run(generate, { env: { TMPDIR: copy.folder } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^redocly lint failed:.*contract\/provenance/s);
    expect(await readdir(copy.folder)).toEqual(before);
  });

  // `generators-foreign.test.ts` has code that does not compile.
  it.runIf(isSoak)('leaves the old files when the new ones do not compile', async () => {
    await using copy = await copyAll();
    const before = await snapshot(copy.folder);
    // A list of its values would have the name of another list.
    const schema = 'title: HealthStatuse\ndescription: A clash.\ntype: string\nenum: [a]\n';
    await copy.write('openapi/components/schemas/HealthStatuse.yaml', schema);
    const property = '  clash:\n    $ref: HealthStatuse.yaml\n    x-provenance: extension\n';
    await copy.edit('openapi/components/schemas/OAuthApp.yaml', 'properties:\n', `properties:\n${property}`);
    const { code, stderr } = await copy.run(generate);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^generated\/ is unchanged.*lists\.ts\(.*error TS2451/s);
    expect(await snapshot(copy.folder)).toEqual(before);
  });

  it('refuses to run without the rule on what it carries', async () => {
    await using copy = await copyProject(...descriptionInputs);
    await copy.edit('redocly.yaml', '  contract/carried: error', '  contract/carried: warn');
    const { code, stderr } = await copy.run(generate);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^redocly\.yaml has no rule `contract\/carried: error`/);
  });

  it('starts every file with the banner', async () => {
    const files = Object.entries(await snapshot(root));
    const bare = files.filter(
      ([, text]) => !text.slice(0, 100).includes('Generated from openapi/ by `npm run generate`.'),
    );
    expect(bare.map(([name]) => name)).toEqual([]);
  });
});
