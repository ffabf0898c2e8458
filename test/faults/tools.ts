import { fault } from './fault.ts';

/** Faults of diff, conformance and mock. */
export const tools = [
  fault(
    'a wider response that is no break',
    'openapi/diff/effects.ts',
    "response: { wider: 'major',",
    "response: { wider: 'minor',",
    'test/contract/diff-edits.test.ts',
  ),
  fault(
    'a narrower request that is no break',
    'openapi/diff/effects.ts',
    "request: { wider: 'minor', narrower: 'major',",
    "request: { wider: 'minor', narrower: 'minor',",
    'test/contract/diff-edits.test.ts',
  ),
  fault(
    'a report that shows secrets',
    'test/conformance/masking.ts',
    'result = result.replaceAll(secret, masked)',
    'result = result.replaceAll(secret, secret)',
    'test/contract/conformance-reports.test.ts test/contract/conformance-hostile.test.ts test/contract/conformance-run.test.ts',
  ),
  fault(
    'a report with escape sequences',
    'test/conformance/masking.ts',
    'text.replaceAll(unsafe, (character)',
    'text.replaceAll(/$^/g, (character)',
    'test/contract/conformance-causes.test.ts',
  ),
  fault(
    'a mock that ignores Prefer',
    'server/commands/mock-server.ts',
    "headers: { ...request.headers, accept: '*/*' }",
    "headers: { accept: '*/*' }",
    'test/contract/mock.test.ts',
  ),
];
