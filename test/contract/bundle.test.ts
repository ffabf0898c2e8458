// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle } from '../../openapi/generate/bundle.ts';
import { copyProject, descriptionInputs, type ProjectCopy } from '../helpers/project-copy.ts';

const elsewhere = { data: [], next_cursor: 'v1.from-another-file' };

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

/** A property whose discriminator maps to the files of its schemas. */
const owner = `properties:
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
`;

/** Adds a discriminator, a description beside a `$ref` and an external example to the description of a copy. */
async function extendDescription(copy: ProjectCopy): Promise<void> {
  await copy.write('openapi/components/schemas/Person.yaml', renderOwner('person'));
  await copy.write('openapi/components/schemas/Team.yaml', renderOwner('team'));
  await copy.edit('openapi/components/schemas/OAuthApp.yaml', 'properties:\n', owner);
  const reference = '    $ref: OpenProvider.yaml\n';
  await copy.edit('openapi/components/schemas/OAuthApp.yaml', reference, `${reference}    description: Only here.\n`);
  await copy.write('openapi/components/examples/elsewhere.json', JSON.stringify(elsewhere));
  const example = '            Elsewhere:\n              externalValue: ../components/examples/elsewhere.json\n';
  const first = '            Masked:\n';
  await copy.edit('openapi/paths/v1_oauth-apps.yaml', first, example + first);
}

describe('bundle', () => {
  let copy: ProjectCopy;
  let bundle: Bundle;
  const property = (name: string) =>
    (bundle.components.schemas.OAuthApp?.properties as Record<string, unknown> | undefined)?.[name];

  beforeAll(async () => {
    copy = await copyProject(...descriptionInputs);
    await extendDescription(copy);
    expect(await copy.run(['node', 'openapi/generate.ts'])).toMatchObject({ code: 0, stderr: '' });
    bundle = JSON.parse(await copy.read('generated/openapi.json'));
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  it('keeps the siblings of a $ref', () => {
    expect(property('provider')).toEqual({
      $ref: '#/components/schemas/OpenProvider',
      description: 'Only here.',
      'x-provenance': 'documented',
    });
  });

  it('maps a discriminator to its components', () => {
    expect(property('owner')).toMatchObject({
      oneOf: [{ $ref: '#/components/schemas/Person' }, { $ref: '#/components/schemas/Team' }],
      discriminator: {
        mapping: { person: '#/components/schemas/Person', team: '#/components/schemas/Team' },
      },
    });
    expect(bundle.components.schemas).toMatchObject({ Person: { title: 'Owner, person' }, Team: {} });
  });

  it('holds the value of an external example', () => {
    const [response] = Object.values(bundle.paths['/v1/oauth-apps']?.get?.responses ?? {});
    expect(response).toMatchObject({
      content: { 'application/json': { examples: { Elsewhere: { value: elsewhere } } } },
    });
  });
});
