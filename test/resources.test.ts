// @databases none
import { expect, test } from 'vitest';
import { listOperations } from '../openapi/generate/bundle.ts';
import { findResources } from './conformance/resources.ts';
import { createSiblingBundle } from './helpers/sibling-description.ts';
import { findOperationsWithoutRow, placeAll, placedOperations, resources } from './resources.ts';

test.each(placedOperations)('$operationId is in a row of the resources', (operation) => {
  expect(findOperationsWithoutRow([operation]), 'test/resources.ts needs a row for').toEqual([]);
});

test('operations in no row are named', () => {
  const bundle = createSiblingBundle();
  const all = listOperations(bundle);
  const own = placedOperations.map(({ operationId }) => operationId);
  const added = all.filter(({ operationId }) => !own.includes(operationId));
  const ids = added.map(({ operationId }) => operationId);
  expect(findOperationsWithoutRow(placeAll(added, findResources(bundle, all)))).toEqual(ids);
  expect(ids).toContain('getCredential');
});

test.each(resources)('$name has an example of each body', ({ newBodies, changes, has }) => {
  expect(newBodies.length).toBeGreaterThan(0);
  expect(changes.length > 0).toBe(has('update'));
});
