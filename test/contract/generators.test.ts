// @databases none
import { describe, expect, it } from 'vitest';
import type { Bundle, Operation, Parameter } from '../../openapi/generate/bundle.ts';
import { renderClient } from '../../openapi/generate/client.ts';
import { renderOperations } from '../../openapi/generate/operations.ts';
import { bundle } from './documented.ts';

const path = '/v1/oauth-apps/{id}';
const render = (of: Bundle) => renderOperations(of) + renderClient(of);

/** Renders the code of a bundle in which `updateOAuthApp` is rewritten. */
function renderWith(rewrite: (patch: Operation, copy: Bundle) => void): string {
  const copy = structuredClone(bundle);
  rewrite(copy.paths[path]?.patch as Operation, copy);
  return render(copy);
}

describe('generators', () => {
  it('resolve a shared request body', () => {
    const code = renderWith((patch, { components }) => {
      Object.assign(components, { requestBodies: { Changes: patch.requestBody } });
      patch.requestBody = { $ref: '#/components/requestBodies/Changes' };
    });
    expect(code).toBe(render(bundle));
  });

  it('use a parameter that an operation overrides', () => {
    const id = bundle.components.parameters.OAuthAppId as Parameter;
    const code = renderWith((patch) => {
      patch.parameters = [{ ...id, description: 'The ID of the OAuth app to change.' }];
    });
    expect(code).toContain('@param id - The ID of the OAuth app to change.');
    expect(code).toContain("updateOAuthApp(id: operations['updateOAuthApp']['parameters']['path']['id'], body:");
  });

  it('escape the end of a comment in a description', () => {
    const code = renderWith((patch) => {
      patch.description = 'Ends early: */ process.exit(); /*';
    });
    expect(code).toContain('Ends early: *\\/ process.exit(); /*');
  });
});
