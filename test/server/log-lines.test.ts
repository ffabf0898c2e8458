// @databases none
import { expect, test } from 'vitest';
import { createLog } from '../../server/log.ts';

/** Returns the lines of a log that `use` writes to. */
function logOf(use: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  use(createLog('trace', { write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
}

const secret = 'Zq81hGx7Lw0pTn5v';

class QuotingError extends TypeError {
  override readonly name = 'QuotingError';
  readonly code = 'ERR_QUOTED';
  readonly detail = secret;
  readonly errors = [{ path: 'body/id', message: 'must be string', value: secret }];
}

test('a fault has the name, code and places of its error alone', () => {
  const error = new QuotingError(`cannot use ${secret}\n    at ${secret} (file.ts:1:1)`, { cause: new Error(secret) });
  const [line] = logOf((log) => log.fault('r1', error));
  expect(JSON.stringify(line)).not.toContain(secret);
  expect(line).toMatchObject({ requestId: 'r1', msg: 'server fault' });
  const facts = { name: 'QuotingError', code: 'ERR_QUOTED', failures: ['body/id: must be string'] };
  expect(line?.error).toEqual({ ...facts, at: expect.toSatisfy((at) => at[0].includes('log-lines.test.ts')) });
});

test.each([
  secret,
  { secret },
  [secret],
  null,
  undefined,
  Object.assign(new Error(secret), { name: `x ${secret}`, code: 7 }),
])('a fault of a thrown value shows nothing of it, %#', (thrown) => {
  const [line] = logOf((log) => log.fault(undefined, thrown));
  expect(JSON.stringify(line)).not.toContain(secret);
  expect(line).toMatchObject({ msg: 'server fault' });
});
