/** Lists the code samples of the description. */
import { renderSamples, type Sample } from '../../openapi/docs/samples.ts';
import type { Bundle, ResolvedOperation } from '../../openapi/generate/bundle.ts';
import { example } from '../helpers/examples.ts';
import { bundle, operations } from './statements.ts';

/** A code sample of an operation. */
export interface SampleCase {
  readonly name: string;
  readonly operation: ResolvedOperation;
  readonly sample: Sample;
}

/** Returns the samples of a bundle, in every language. */
export const listSamples = (of: Bundle = bundle): SampleCase[] =>
  operations.flatMap((operation) =>
    (renderSamples(of, 'oauth-apps-contract').get(operation.operationId) ?? []).map((sample) => ({
      ...{ operation, sample, name: `${operation.operationId}.${sample.label}` },
    })),
  );

/** A bundle whose first example of a create has an unknown provider. */
const wrongBundle = structuredClone(bundle);
Object.assign(wrongBundle.components.examples.CreateOAuthApp ?? {}, {
  value: { ...example('CreateOAuthApp'), provider: 'myspace' },
});

/** Samples of a create that sends a wrong value. */
export const wrongSamples = listSamples(wrongBundle)
  .filter(({ operation }) => operation.operationId === 'createOAuthApp')
  .map((one) => ({ ...one, name: `wrong.${one.name}` }));

/** The sample of the client that sends a wrong value. */
export const sampleWithWrongValue = wrongSamples.find(({ sample }) => sample.label === 'Client') as SampleCase;
