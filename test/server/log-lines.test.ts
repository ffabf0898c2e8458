// @databases none
import { expect, test } from 'vitest';
import { createLog, silentLog } from '../../server/log.ts';
import { describeError } from '../../server/process/error-facts.ts';

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

test('the places of an error are frames behind its message', () => {
  const stackOf = (stack: unknown, message?: string) => describeError({ stack, message }).at;
  const frame = '    at f (file.ts:1:1)';
  expect(stackOf(`Error: a\n${frame}\n    at file.ts:22:33`, 'a')).toEqual([frame, '    at file.ts:22:33']);
  expect(stackOf(`Error: ${frame}\n    at g (b.ts:1:1)`, frame)).toEqual(['    at g (b.ts:1:1)']);
  for (const line of [
    'at f (a.ts:1:1)',
    `x${frame}`,
    `${frame}x`,
    `${frame})`,
    '    at f (a.ts:1)',
    '    at f',
    frame.slice(1),
  ])
    expect(stackOf(`Error\n${line}`), line).toEqual([]);
  expect(stackOf(frame)).toEqual([frame]);
  expect(stackOf(7)).toBeUndefined();
});

test('a name and a code are words of forty characters', () => {
  const longest = 'a'.repeat(40);
  expect(describeError({ name: longest, code: longest })).toEqual({ name: longest, code: longest });
  for (const text of [`${longest}a`, '', 'a b', ' a', 'a ', 7])
    expect(describeError({ name: text, code: text })).toStrictEqual({});
});

test('the failures of a response are those with a path', () => {
  const errors = [{ path: 'body/id', message: 'must be string' }, { message: secret }];
  const [line, plain] = logOf((log) => {
    log.fault('r1', { errors });
    log.fault('r1', {});
  });
  expect(line?.error).toEqual({ failures: ['body/id: must be string'] });
  expect(plain?.error).toEqual({});
});

test('a request has its facts and nothing else', () => {
  const facts = {
    requestId: 'r1',
    method: 'GET',
    operationId: 'getOAuthApp',
    milliseconds: 1.5,
    accountId: 'acme',
    tokenId: 't1',
  };
  const [sent, closed] = logOf((log) => {
    log.request({ ...facts, status: 200, token: secret } as Parameters<typeof log.request>[0]);
    log.request(facts);
  });
  const { time, ...line } = sent ?? {};
  expect(line).toEqual({ level: 30, ...facts, status: 200, msg: 'response sent' });
  expect(new Date(String(time)).toISOString()).toBe(time);
  expect(closed).toMatchObject({ ...facts, msg: 'no response sent' });
});

test('events have a level, ids and fixed words', () => {
  const lines = logOf((log) => {
    log.damaged('acme', 'app-1');
    log.unavailable('r1', '57P01');
    log.info('a');
    log.warn('b');
  });
  expect(lines.map(({ time, ...line }) => line)).toEqual([
    { level: 50, accountId: 'acme', appId: 'app-1', msg: 'a secret is damaged' },
    { level: 40, requestId: 'r1', code: '57P01', msg: 'the store cannot respond' },
    { level: 30, msg: 'a' },
    { level: 40, msg: 'b' },
  ]);
});

test('a silent log takes every event', () => {
  const names = Object.keys(createLog('silent', { write() {} }));
  expect(Object.keys(silentLog).sort()).toEqual(names.sort());
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
