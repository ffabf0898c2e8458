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
  const added = all.map(({ operationId }) => operationId).filter((id) => !own.includes(id));
  expect(findOperationsWithoutRow(placeAll(all, findResources(bundle, all)))).toEqual(added);
  expect(added).toEqual(expect.arrayContaining(['getStatus', 'changeSecret', 'createCredential']));
});

test.each(resources)('$name has an example of each body', ({ newBodies, changes, has }) => {
  expect(newBodies.length).toBeGreaterThan(0);
  expect(changes.length > 0).toBe(has('update'));
});
