/** Compares the names that the package publishes and that no other rule sees: in `./types`, `./validators`, `./msw` and lists. */
import { type Bundle, listBodies, listOperations } from '../generate/bundle.ts';
import { listResponseNames } from '../generate/responses.ts';
import { canonical, canonicalData, describeChange, type Located } from './finding.ts';
import type { Comparison } from './schemas.ts';

/** The kinds of components whose names are in the generated types. */
const typedKinds = ['schemas', 'responses', 'parameters', 'requestBodies', 'headers', 'pathItems'] as const;

type Components = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** Compares the names of components. One that was removed, and added under another name, was renamed. */
function compareComponentNames({ base, revision, findings }: Comparison): void {
  const [was, now] = [base, revision].map(({ bundle }) => bundle.components as unknown as Components);
  for (const kind of typedKinds) {
    const [before, after] = [was?.[kind] ?? {}, now?.[kind] ?? {}];
    const added = new Set(Object.keys(after).filter((name) => !Object.hasOwn(before, name)));
    const at = (name: string): Located => ({
      node: after[name] ?? before[name],
      pointer: `#/components/${kind}/${name}`,
    });
    for (const name of Object.keys(before).filter((name) => !Object.hasOwn(after, name))) {
      const reason = `the types of \`${kind}\` have this name`;
      const other = [...added].find((one) => canonical(after[one]) === canonical(before[name]));
      if (other === undefined) findings.add('major', at(name), `${name} was removed`, reason);
      else findings.add('major', at(other), describeChange('its name', name, other), reason);
      if (other !== undefined) added.delete(other);
    }
    for (const name of added) findings.add('minor', at(name), 'was added');
  }
}

/** Compares the names of responses that a mock sends, and the one that it sends first. */
function compareResponseNames({ base, revision, findings }: Comparison): void {
  const [was, now] = [base, revision].map(({ bundle }) => listResponseNames(bundle));
  const operations = new Map(listOperations(revision.bundle).map((operation) => [operation.operationId, operation]));
  for (const [operationId, names] of was ?? []) {
    const [after, operation] = [now?.get(operationId), operations.get(operationId)];
    if (after === undefined || operation === undefined) continue;
    const pointer = `#/paths/${operation.path.replaceAll('/', '~1')}/${operation.method}/responses`;
    const at = { node: operation.responses, pointer };
    for (const [name, status] of names) {
      const reason = 'mocks of `./msw` have this name';
      if (!after.has(name)) findings.add('major', at, `example ${name} of ${status} was removed`, reason);
      else if (after.get(name) !== status) findings.add('major', at, `example ${name} is of another status`, reason);
    }
    for (const [name, status] of after)
      if (!names.has(name)) findings.add('minor', at, `example ${name} of ${status} was added`);
    const [[first] = [], [firstNow] = []] = [[...names], [...after]].map(([entry]) => entry ?? []);
    const reason = 'mocks send the first example';
    if (first !== firstNow) findings.add('major', at, describeChange('the first example', first, firstNow), reason);
  }
}

/** Compares the lists of values and the validators that the package exports. */
function compareExports({ base, revision, findings }: Comparison): void {
  const listsOf = ({ components }: Bundle) =>
    Object.entries(components.schemas).filter(([, schema]) => schema.enum !== undefined);
  const now = new Map(listsOf(revision.bundle));
  for (const [name, { enum: values = [] }] of listsOf(base.bundle)) {
    const at = { node: values, pointer: `#/components/schemas/${name}` };
    const kept = now.get(name)?.enum?.map(canonicalData);
    if (kept === undefined && revision.bundle.components.schemas[name] === undefined) continue;
    for (const value of values.filter((one) => !kept?.includes(canonicalData(one)))) {
      findings.add('major', at, `enum: ${JSON.stringify(value)} was removed`, 'a list of values has it');
    }
  }
  const bodies = new Set(listBodies(revision.bundle).map(({ name }) => name));
  for (const { name, isNamed, operationIds } of listBodies(base.bundle)) {
    const at = { node: name, pointer: `#/components/schemas/${name}` };
    const isKept = bodies.has(name) || (isNamed && revision.bundle.components.schemas[name] === undefined);
    if (!isKept)
      findings.add('major', at, `is no body of ${operationIds.join(', ')}`, `\`validate${name}\` is published`);
  }
}

/** Compares what the package publishes by name. */
export function compareSurface(comparison: Comparison): void {
  compareComponentNames(comparison);
  compareResponseNames(comparison);
  compareExports(comparison);
}
