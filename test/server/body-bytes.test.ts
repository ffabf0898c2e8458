// @databases none
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type BodyRequest, readBody } from '../../server/http/body.ts';
import { isRejection, toProblem } from '../../server/problem.ts';

/** Reads a body of bytes, with the media type of the description. */
async function read(bytes: Buffer) {
  const request: BodyRequest = new IncomingMessage(new Socket());
  request.headers['content-type'] = 'application/json';
  request.push(bytes);
  request.push(null);
  const body = await readBody(request);
  return isRejection(body) ? toProblem(body, 'r1') : body;
}

test.each([
  ['an overlong form', [0xc0, 0xaf]],
  ['a byte that never occurs', [0xff]],
  ['half a character', [0xe2, 0x82]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
])('%s is no UTF-8', async (_name, bytes) => {
  const problem = await read(Buffer.concat([Buffer.from('"'), Buffer.from(bytes), Buffer.from('"')]));
  expect(problem).toMatchObject({ status: 400, summary: 'The body is not UTF-8.' });
});

test('the replacement character itself is text', async () => {
  expect(await read(Buffer.from('"\ufffd€😀"'))).toEqual({ value: '\ufffd€😀' });
});
