import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import { hashToken } from '../../server/keys/tokens.ts';
import { example } from '../helpers/examples.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { listProblemDefects } from '../helpers/problems.ts';
import {
  type ListeningServer,
  type RawResponse,
  sendRawRequest,
  startListeningServer,
} from '../helpers/raw-requests.ts';
import { listInvalidTokens, listMissingTokens, type RequestVariant } from './unauthenticated-requests.ts';

const bodies: Partial<Record<OperationId, unknown>> = {
  createOAuthApp: example('CreateOAuthApp'),
  updateOAuthApp: { name: 'Taken over' },
};
const operationIds = Object.keys(operations) as OperationId[];
let listening: ListeningServer;
let id: string;
let revoked: string;
beforeAll(async () => {
  listening = await startListeningServer();
  const { client, store, createToken } = listening.server;
  id = (await client.createOAuthApp(example('CreateOAuthApp'))).id;
  revoked = await createToken();
  await store.revokeToken((await store.findToken(hashToken(revoked)))?.id ?? '', new Date().toISOString());
});
afterAll(() => listening[Symbol.asyncDispose]());

/** Writes the request of an operation by hand, as the attempt has it. */
function knock(operationId: OperationId, attempt: RequestVariant): Promise<RawResponse> {
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
  return sendRawRequest(listening.url, `${lines.join('\r\n')}\r\n\r\n${payload}`);
}

/** What is wrong with the response to a request that must not get in. */
function judge({ method }: RequestVariant, isTokenSent: boolean, response: RawResponse): string[] {
  const { status, headers, text } = response;
  const challenge = `Bearer realm="oauth-apps"${isTokenSent ? ', error="invalid_token"' : ''}`;
  const isRightChallenge = status !== 401 || headers['www-authenticate'] === challenge;
  return [
    ...(status >= 400 && status < 500 ? [] : [`answered ${status}`]),
    ...(isRightChallenge ? [] : [`${headers['www-authenticate']}`]),
    ...(method === 'HEAD' ? [text].filter((body) => body !== '') : listProblemDefects(response)),
  ];
}

test.each(operationIds)('nothing gets into %s without a valid token', async (operationId) => {
  const { token, database } = listening.server;
  const broken = listInvalidTokens(token, revoked);
  const attempts = [...broken, ...listMissingTokens(token)];
  const before = await database.dump();
  const statuses: Record<number, number> = {};
  const faults = await mapInParallel(attempts, async (attempt) => {
    const response = await knock(operationId, attempt);
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    const target = attempt.target?.('/v1/…');
    const found = judge(attempt, broken.includes(attempt), response);
    return found.map((fault) => `${fault}: ${JSON.stringify({ ...attempt, target })}`);
  });
  console.log(`no way in: ${operationId}, ${attempts.length} requests, responses ${JSON.stringify(statuses)}`);
  expect(faults.flat()).toEqual([]);
  expect(attempts.length * operationIds.length).toBeGreaterThanOrEqual(300);
  expect(await database.dump()).toEqual(before);
});

describe('a valid token gets in behind the scheme in any case', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR', 'Bearer  '])('%s', async (scheme) => {
    for (const operationId of operationIds) {
      id = (await listening.server.client.createOAuthApp(example('CreateOAuthApp'))).id;
      const response = await knock(operationId, { header: `Authorization: ${scheme} ${listening.server.token}` });
      expect(response.status, operationId).toBe(200);
    }
  });
});
