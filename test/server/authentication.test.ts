// @databases sqlite
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

/** Sends the request of an operation with the changes of a variant. */
function sendVariant(operationId: OperationId, variant: RequestVariant): Promise<RawResponse> {
  const { target = (path) => path, version = 'HTTP/1.1', isChunked = false, header } = variant;
  const { path, method } = operations[operationId];
  const body = JSON.stringify(bodies[operationId]) ?? '';
  const lines = [
    `${variant.method ?? method.toUpperCase()} ${target(path.replace('{id}', id))} ${version}`.trim(),
    ...['Host: localhost', 'Connection: close', 'Content-Type: application/json'],
    isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
    ...(header === undefined ? [] : [header]),
  ];
  const payload = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  return sendRawRequest(listening.url, `${lines.join('\r\n')}\r\n\r\n${payload}`);
}

/** Lists the defects of a response to a request without a valid token. */
function listDefects({ method }: RequestVariant, isTokenSent: boolean, response: RawResponse): string[] {
  const { status, headers, text } = response;
  const challenge = `Bearer realm="oauth-apps"${isTokenSent ? ', error="invalid_token"' : ''}`;
  const isRightChallenge = status !== 401 || headers['www-authenticate'] === challenge;
  return [
    ...(status >= 400 && status < 500 ? [] : [`status ${status}`]),
    ...(isRightChallenge ? [] : [`${headers['www-authenticate']}`]),
    ...(method === 'HEAD' ? [text].filter((body) => body !== '') : listProblemDefects(response)),
  ];
}

test.each(operationIds)('%s rejects every request without a valid token', async (operationId) => {
  const { token, database } = listening.server;
  const invalid = listInvalidTokens(token, revoked);
  const variants = [...invalid, ...listMissingTokens(token)];
  const before = await database.dump();
  const statuses: Record<number, number> = {};
  const faults = await mapInParallel(variants, async (variant) => {
    const response = await sendVariant(operationId, variant);
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    const target = variant.target?.('/v1/…');
    const found = listDefects(variant, invalid.includes(variant), response);
    return found.map((fault) => `${fault}: ${JSON.stringify({ ...variant, target })}`);
  });
  console.log(`authentication: ${operationId}, ${variants.length} requests, responses ${JSON.stringify(statuses)}`);
  expect(faults.flat()).toEqual([]);
  expect(variants.length * operationIds.length).toBeGreaterThanOrEqual(300);
  expect(await database.dump()).toEqual(before);
});

describe('a valid token is accepted after the scheme', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR', 'Bearer  '])('%s', async (scheme) => {
    for (const operationId of operationIds) {
      id = (await listening.server.client.createOAuthApp(example('CreateOAuthApp'))).id;
      const response = await sendVariant(operationId, { header: `Authorization: ${scheme} ${listening.server.token}` });
      expect(response.status, operationId).toBe(200);
    }
  });
});
