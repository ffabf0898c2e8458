import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import { hashToken } from '../../server/keys/tokens.ts';
import { example } from '../helpers/examples.ts';
import { type Front, type RawAnswer, sendRaw, startFront } from '../helpers/front.ts';
import { inParallel } from '../helpers/parallel.ts';
import { faultsOf } from '../helpers/problems.ts';
import { type Attempt, brokenTokens, noTokens } from './unauthenticated-requests.ts';

const bodies: Partial<Record<OperationId, unknown>> = {
  createOAuthApp: example('CreateOAuthApp'),
  updateOAuthApp: { name: 'Taken over' },
};
const operationIds = Object.keys(operations) as OperationId[];
let front: Front;
let id: string;
let revoked: string;
beforeAll(async () => {
  front = await startFront();
  const { client, store, createToken } = front.server;
  id = (await client.createOAuthApp(example('CreateOAuthApp'))).id;
  revoked = await createToken();
  await store.revokeToken((await store.findToken(hashToken(revoked)))?.id ?? '', new Date().toISOString());
});
afterAll(() => front[Symbol.asyncDispose]());

/** Writes the request of an operation by hand, as the attempt has it. */
function knock(operationId: OperationId, attempt: Attempt): Promise<RawAnswer> {
  const { target = (path) => path, version = 'HTTP/1.1', isChunked = false, header } = attempt;
  const { path, method } = operations[operationId];
  const body = JSON.stringify(bodies[operationId]) ?? '';
  const lines = [
    `${attempt.method ?? method.toUpperCase()} ${target(path.replace('{id}', id))} ${version}`.trim(),
    ...['Host: localhost', 'Connection: close', 'Content-Type: application/json'],
    isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
    ...(header === undefined ? [] : [header]),
  ];
  const payload = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  return sendRaw(front.url, `${lines.join('\r\n')}\r\n\r\n${payload}`);
}

/** What is wrong with the answer to a request that must not get in. */
function judge({ method }: Attempt, isTokenSent: boolean, answer: RawAnswer): string[] {
  const { status, headers, text } = answer;
  const challenge = `Bearer realm="oauth-apps"${isTokenSent ? ', error="invalid_token"' : ''}`;
  const isRightChallenge = status !== 401 || headers['www-authenticate'] === challenge;
  return [
    ...(status >= 400 && status < 500 ? [] : [`answered ${status}`]),
    ...(isRightChallenge ? [] : [`${headers['www-authenticate']}`]),
    ...(method === 'HEAD' ? [text].filter((body) => body !== '') : faultsOf(answer)),
  ];
}

test.each(operationIds)('nothing gets into %s without a valid token', async (operationId) => {
  const { token, database } = front.server;
  const broken = brokenTokens(token, revoked);
  const attempts = [...broken, ...noTokens(token)];
  const before = await database.dump();
  const statuses: Record<number, number> = {};
  const faults = await inParallel(attempts, async (attempt) => {
    const answer = await knock(operationId, attempt);
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    const target = attempt.target?.('/v1/…');
    const found = judge(attempt, broken.includes(attempt), answer);
    return found.map((fault) => `${fault}: ${JSON.stringify({ ...attempt, target })}`);
  });
  console.log(`no way in: ${operationId}, ${attempts.length} requests, answers ${JSON.stringify(statuses)}`);
  expect(faults.flat()).toEqual([]);
  expect(attempts.length * operationIds.length).toBeGreaterThanOrEqual(300);
  expect(await database.dump()).toEqual(before);
});

describe('a valid token gets in behind the scheme in any case', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR', 'Bearer  '])('%s', async (scheme) => {
    for (const operationId of operationIds) {
      id = (await front.server.client.createOAuthApp(example('CreateOAuthApp'))).id;
      const answer = await knock(operationId, { header: `Authorization: ${scheme} ${front.server.token}` });
      expect(answer.status, operationId).toBe(200);
    }
  });
});
