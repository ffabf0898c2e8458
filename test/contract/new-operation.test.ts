// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock } from '../helpers/mock.ts';
import { checkTypes } from '../helpers/process.ts';
import { copyProject, descriptionInputs, type ProjectCopy } from '../helpers/project-copy.ts';

const id = '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8';
const description = 'Archives the OAuth app. An archived OAuth app is left out of every list.';

/** `POST /v1/oauth-apps/{id}/archive`, as an author of the description would add it. */
const archive = `parameters:
  - $ref: ../components/parameters/OAuthAppId.yaml
post:
  operationId: archiveOAuthApp
  tags: [OAuth apps]
  summary: Archive an OAuth app
  description: ${description}
  x-provenance: extension
  security:
    - BearerAuth: [write]
  responses:
    '200':
      $ref: ../components/responses/OAuthApp.yaml
    '401':
      $ref: ../components/responses/Unauthorized.yaml
    '404':
      $ref: ../components/responses/NotFound.yaml
`;

/** A program that uses the new method, as client/archive-one.ts. */
const caller = `import { createOAuthAppsClient, type OAuthApp } from './index.ts';

const client = createOAuthAppsClient({ baseUrl: 'http://127.0.0.1:4010', token: 'YOUR_API_TOKEN' });
const app: OAuthApp = await client.archiveOAuthApp('${id}');
// @ts-expect-error An OAuth app is archived by its ID.
await client.archiveOAuthApp(42);
console.log(app.name);
`;

// Concurrent, because the compiler, the mock and the docs are slow and use different files.
describe.concurrent('a new operation in the YAML, without handwritten TypeScript,', () => {
  let copy: ProjectCopy;

  beforeAll(async () => {
    copy = await copyProject(
      ...descriptionInputs,
      'generated',
      'server',
      'client',
      'test/conformance',
      'tsconfig.json',
    );
    await copy.write('openapi/paths/v1_oauth-apps_{id}_archive.yaml', archive);
    const last = '    $ref: paths/v1_oauth-apps_{id}.yaml\n';
    const added = '  /v1/oauth-apps/{id}/archive:\n    $ref: paths/v1_oauth-apps_{id}_archive.yaml\n';
    await copy.edit('openapi/openapi.yaml', last, last + added);
    expect(await copy.run(['node', 'openapi/generate.ts'])).toMatchObject({ code: 0, stderr: '' });
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  it('becomes a client method with its description', async () => {
    const client = await copy.read('generated/client.ts');
    const method = client.slice(client.indexOf('Archive an OAuth app'), client.indexOf('archiveOAuthApp(id:'));
    expect(method).toContain(description);
    expect(method).toContain('@param id - The ID of the OAuth app.');
  });

  it('lacks only its handler to compile', async () => {
    await copy.write('client/archive-one.ts', caller);
    const { stdout } = await copy.run([...checkTypes, '--pretty', 'false']);
    const errors = stdout.split('\n').filter((line) => line.includes('error TS'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^server\/oauth-apps\/handlers\.ts.*'archiveOAuthApp' is missing/);
  });

  it('gets its documented response from the mock', async () => {
    await using mock = await startMock(copy.folder);
    const response = await mock.fetch(`/v1/oauth-apps/${id}/archive`, { method: 'POST' });
    const { components } = JSON.parse(await copy.read('generated/openapi.json'));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(components.examples.OAuthApp.value);
  });

  it('is in the docs with its samples', async () => {
    expect(await copy.run(['node', 'openapi/docs.ts'])).toMatchObject({ code: 0 });
    for (const file of ['index.html', 'docs.md']) {
      const text = await copy.read(`dist/docs/${file}`);
      expect(text).toContain(description);
      expect(text).toContain(`client.archiveOAuthApp('${id}')`);
      expect(text).toContain(`--url https://api.sequin.io/v1/oauth-apps/${id}/archive`);
      expect(text).toContain(`fetch('https://api.sequin.io/v1/oauth-apps/${id}/archive'`);
    }
    expect(await copy.read('dist/docs/llms.txt')).toContain('[Archive an OAuth app](/docs.md#archive-an-oauth-app)');
  });
});
