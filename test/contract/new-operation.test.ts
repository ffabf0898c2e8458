// @databases none
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle } from '../../openapi/generate/bundle.ts';
import { startMock } from '../helpers/mock.ts';
import { checkTypes } from '../helpers/process.ts';
import { copyProject, descriptionInputs, type ProjectCopy } from '../helpers/project-copy.ts';
import { isSoak } from '../helpers/soak.ts';
import { statusOperation } from '../helpers/status-operation.ts';
import { addKinds, kindsProgram } from './success-kinds.ts';

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

/** `POST /v1/oauth-apps/{id}/secret`, whose body has a schema without a name and without limits of its own. */
const secret = `parameters:
  - $ref: ../components/parameters/OAuthAppId.yaml
post:
  operationId: setSecret
  tags: [OAuth apps]
  summary: Set a secret
  description: Replaces the secret.
  x-provenance: extension
  security:
    - BearerAuth: [write]
  requestBody:
    required: true
    content:
      application/json:
        schema:
          type: object
          required: [client_secret]
          additionalProperties: false
          properties:
            client_secret:
              $ref: ../components/schemas/ClientSecret.yaml
              x-secret: true
              x-provenance: extension
        examples:
          NewSecret:
            $ref: ../components/examples/UpdateOAuthAppSecret.yaml
  responses:
    '200':
      $ref: ../components/responses/OAuthApp.yaml
    '401':
      $ref: ../components/responses/Unauthorized.yaml
    '404':
      $ref: ../components/responses/NotFound.yaml
    '422':
      $ref: ../components/responses/ValidationFailed.yaml
`;

/** `GET /v1/oauth-apps/{id}/owner`, whose success has a schema of its own. */
const owner = `parameters:
  - $ref: ../components/parameters/OAuthAppId.yaml
get:
  operationId: getOwner
  tags: [OAuth apps]
  summary: Get the owner
  description: Returns the owner.
  x-provenance: extension
  security:
    - BearerAuth: [read]
  responses:
    '200':
      description: The owner.
      x-provenance: extension
      content:
        application/json:
          schema:
            $ref: ../components/schemas/Owned.yaml
          examples:
            Owned:
              value: { owner: { kind: team }, provider: stripe }
    '401':
      $ref: ../components/responses/Unauthorized.yaml
    '404':
      $ref: ../components/responses/NotFound.yaml
`;

/** A schema with a description beside a `$ref`, and a discriminator that maps to the files of its schemas. */
const owned = `title: Owned
type: object
description: The owner, and the provider.
required: [owner, provider]
properties:
  owner:
    oneOf:
      - $ref: Person.yaml
      - $ref: ../schemas/Team.yaml
    discriminator:
      propertyName: kind
      mapping:
        person: Person.yaml
        team: ./Team.yaml
    x-provenance: extension
  provider:
    $ref: OpenProvider.yaml
    description: Only here.
    x-provenance: extension
`;

/** Renders a schema of `owner`, which its `kind` identifies. */
const renderOwner = (kind: string) => `title: Owner, ${kind}
type: object
required: [kind]
properties:
  kind:
    description: Always \`${kind}\`.
    type: string
    const: ${kind}
    x-provenance: extension
`;

const elsewhere = { data: [], next_cursor: 'v1.from-another-file' };

/** Writes the schemas of the owner, and adds an example from another file to the list. */
async function extendDescription(copy: ProjectCopy): Promise<void> {
  await copy.write('openapi/components/schemas/Owned.yaml', owned);
  await copy.write('openapi/components/schemas/Person.yaml', renderOwner('person'));
  await copy.write('openapi/components/schemas/Team.yaml', renderOwner('team'));
  await copy.write('openapi/components/examples/elsewhere.json', JSON.stringify(elsewhere));
  const example = '            Elsewhere:\n              externalValue: ../components/examples/elsewhere.json\n';
  const first = '            Masked:\n';
  await copy.edit('openapi/paths/v1_oauth-apps.yaml', first, example + first);
}

/** A program that uses the new methods, as client/archive-one.ts. */
const caller = `import { createOAuthAppsClient, type OAuthApp } from './index.ts';

const client = createOAuthAppsClient({ baseUrl: 'http://127.0.0.1:4010', token: 'YOUR_API_TOKEN' });
const app: OAuthApp = await client.archiveOAuthApp('${id}');
// @ts-expect-error An OAuth app is archived by its ID.
await client.archiveOAuthApp(42);
const status: string = await client.getStatus();
const changed: OAuthApp = await client.setSecret('${id}', { client_secret: 'new' });
// @ts-expect-error The body has another field.
await client.setSecret('${id}', { secret: 'new' });
console.log(app.name, status, changed.name);
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
    await copy.write('openapi/paths/v1_status.yaml', statusOperation);
    await copy.write('openapi/paths/v1_oauth-apps_{id}_secret.yaml', secret);
    await copy.write('openapi/paths/v1_oauth-apps_{id}_owner.yaml', owner);
    await extendDescription(copy);
    await addKinds(copy);
    const last = '    $ref: paths/v1_oauth-apps_{id}.yaml\n';
    const added = ['archive', 'secret', 'owner'].map(
      (name) => `  /v1/oauth-apps/{id}/${name}:\n    $ref: paths/v1_oauth-apps_{id}_${name}.yaml\n`,
    );
    await copy.edit('openapi/openapi.yaml', last, last + added.join(''));
    await copy.edit('openapi/openapi.yaml', 'paths:\n', 'paths:\n  /v1/status:\n    $ref: paths/v1_status.yaml\n');
    expect(await copy.run(['node', 'openapi/generate.ts'])).toMatchObject({ code: 0, stderr: '' });
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  it('becomes a client method with its description', async () => {
    const client = await copy.read('generated/client.ts');
    const method = client.slice(client.indexOf('Archive an OAuth app'), client.indexOf('archiveOAuthApp(id:'));
    expect(method).toContain(description);
    expect(method).toContain('@param id - The ID of the OAuth app.');
  });

  it('has validators that accept what is right', async () => {
    const { validateSetSecretBody: validate } = await import(
      pathToFileURL(join(copy.folder, 'generated/validators.ts')).href
    );
    expect(validate({ client_secret: 'new' })).toEqual({ value: { client_secret: 'new' } });
    expect(validate({ client_secret: '' })).toMatchObject({ validation_errors: { client_secret: expect.any(Array) } });
  });

  // The operations of `success-kinds.ts` have their handlers: the same run of the compiler finds no error in them.
  it('lacks only its handler to compile', async () => {
    await copy.write('client/archive-one.ts', caller);
    const { stdout } = await copy.run([...checkTypes, '--pretty', 'false']);
    const errors = stdout.split('\n').filter((line) => line.includes('error TS'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /^server\/oauth-apps\/handlers\.ts.* missing .*: archiveOAuthApp, getOwner, getStatus, setSecret$/,
    );
  });

  it('is served, and typed in the client, whatever its success', async () => {
    const { stdout, stderr } = await copy.run(['node', kindsProgram]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      copyOAuthApp: expect.objectContaining({ name: 'c' }),
      partOAuthApp: expect.objectContaining({ name: 'c' }),
      exportOAuthApp: 'a text',
    });
  });

  describe('has a bundle that', () => {
    const readBundle = async (): Promise<Bundle> => JSON.parse(await copy.read('generated/openapi.json'));
    const readProperty = async (name: string) => {
      const { components } = await readBundle();
      return (components.schemas.Owned?.properties as Record<string, unknown> | undefined)?.[name];
    };

    it('keeps the siblings of a $ref', async () => {
      expect(await readProperty('provider')).toEqual({
        $ref: '#/components/schemas/OpenProvider',
        description: 'Only here.',
        'x-provenance': 'extension',
      });
    });

    it('maps a discriminator to its components', async () => {
      expect(await readProperty('owner')).toMatchObject({
        oneOf: [{ $ref: '#/components/schemas/Person' }, { $ref: '#/components/schemas/Team' }],
        discriminator: {
          mapping: { person: '#/components/schemas/Person', team: '#/components/schemas/Team' },
        },
      });
      const { components } = await readBundle();
      expect(components.schemas).toMatchObject({ Person: { title: 'Owner, person' }, Team: {} });
    });

    it('holds the value of an external example', async () => {
      const [response] = Object.values((await readBundle()).paths['/v1/oauth-apps']?.get?.responses ?? {});
      expect(response).toMatchObject({
        content: { 'application/json': { examples: { Elsewhere: { value: elsewhere } } } },
      });
    });
  });

  // The mock and the docs of the description itself are tested in the short form. They read the same bundle.
  it.runIf(isSoak)('gets its documented response from the mock', async () => {
    await using mock = await startMock(copy.folder);
    const response = await mock.fetch(`/v1/oauth-apps/${id}/archive`, { method: 'POST' });
    const { components } = JSON.parse(await copy.read('generated/openapi.json'));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(components.examples.OAuthApp.value);
    const up = await fetch(new URL('/v1/status', mock.url));
    expect(await up.text()).toBe('up');
  });

  it.runIf(isSoak)('is in the docs with its samples', async () => {
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
