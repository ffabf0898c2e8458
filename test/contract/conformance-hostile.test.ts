// @databases none
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createSuite,
  createTlsFetch,
  renderAnnotations,
  renderHtml,
  renderJson,
  renderJunit,
  renderText,
  type SuiteOptions,
  Unreachable,
} from '../conformance/index.ts';
import { sendOnWire } from '../conformance/wire.ts';
import { certificate } from '../helpers/certificate.ts';
import { startListener } from '../helpers/listener.ts';
import { startServer } from '../helpers/server.ts';
import { timeLimit } from '../helpers/time-limits.ts';

const options = { token: 'a-token', seed: 1, cases: 1 } as const;

/** Runs the suite. Returns the error of a run that ends early, or the text of its report. */
const verify = async (more: Partial<SuiteOptions> & { baseUrl: string }) => {
  try {
    return renderText(await createSuite({ ...options, ...more }).run(), { isVerbose: true });
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return error.message;
  }
};

/** Writes chunks until the client closes the connection. Returns the number of written bytes. */
async function writeEndlessly(response: ServerResponse): Promise<number> {
  const chunk = Buffer.alloc(65_536, ' ');
  const closed = once(response, 'close');
  let written = 0;
  while (!response.destroyed) {
    written += chunk.length;
    if (response.write(chunk)) continue;
    const drained = Promise.withResolvers<void>();
    response.once('drain', drained.resolve);
    await Promise.race([drained.promise, closed]);
    response.off('drain', drained.resolve);
  }
  return written;
}

describe('a run against a hostile server', () => {
  it('ends at an endless response without reading it', async () => {
    const sizes: Promise<number>[] = [];
    await using hostile = await startListener((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      sizes.push(writeEndlessly(response));
    });
    expect(await verify({ baseUrl: hostile.url, maxResponseBytes: 1_000_000 })).toMatch(/larger than 1000000 bytes$/);
    for (const size of await Promise.all(sizes)) expect(size).toBeLessThan(20_000_000);
  });

  it('ends at a response that never ends', async () => {
    await using hostile = await startListener((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 50);
      response.once('close', () => clearInterval(timer));
    });
    expect(await verify({ baseUrl: hostile.url, timeoutSeconds: 1 })).toMatch(/no response: timeout$/);
  });

  it('sends nothing to another host', async () => {
    const stolen: string[] = [];
    await using other = await startListener((request, response) => {
      stolen.push(`${request.url}`);
      response.end();
    });
    await using hostile = await startListener((request, response) => {
      // The first request gets a response, so that the run begins.
      if (request.method === 'GET' && request.url === '/v1/oauth-apps')
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"data":[]}');
      else response.writeHead(307, { Location: `${other.url}/stolen` }).end();
    });
    expect(await verify({ baseUrl: hostile.url, operations: ['createOAuthApp'] })).toContain('307 is not documented');
    expect(stolen).toEqual([]);
  });

  it('shows an escaped location and left ids', async () => {
    await using redirecting = await startListener((_, response) => {
      response.writeHead(302, { Location: 'https://a.example/\u009b2J' }).end();
    });
    const text = await verify({ baseUrl: redirecting.url });
    expect(text).toMatch(/redirects to https:/);
    expect(text).not.toMatch(/[\p{Cc}]/u);
    await using creating = await startListener((request, response) => {
      const body = request.method === 'POST' ? { id: '\u001b[2J\u0007x' } : { data: [] };
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
    expect((await verify({ baseUrl: creating.url })).replaceAll('\n', '')).not.toMatch(/[\p{Cc}]/u);
  });
});

describe('a request on a connection of its own', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const respond = async (write: (socket: Socket) => unknown, timeoutSeconds: number) => {
    const listener = createServer((socket) => socket.on('error', () => {}).once('data', () => write(socket)));
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const { port } = listener.address() as AddressInfo;
    const request = { method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {} };
    const limits = { timeoutSeconds, maxBytes: 1_000_000 };
    const sent = sendOnWire(request, {}, limits).catch(({ message, name }: Error) => `${name}: ${message}`);
    const result = await sent.finally(() => listener.close());
    return typeof result === 'string' ? result : `${result.response.status} ${result.response.text}`;
  };
  const drip = (socket: Socket) => {
    const timer = setInterval(() => socket.write(' '), 20);
    socket.once('close', () => clearInterval(timer));
  };
  const pour = (socket: Socket) => {
    const chunk = Buffer.alloc(65_536, ' ');
    while (!socket.destroyed && socket.write(chunk));
    socket.once('drain', () => pour(socket));
  };

  it.each<[string, (socket: Socket) => unknown, RegExp]>([
    ['never ends', drip, /^TimeoutError/],
    ['has no end of its headers', (socket) => socket.write(`${head}X: `) && pour(socket), /larger than 1000000 bytes/],
    ['is large', (socket) => socket.write(`${head}Content-Length: 1000000000\r\n\r\n`) && pour(socket), /larger than/],
    ['is no HTTP', (socket) => socket.end('\u001b]52;c;x\u0007\r\n\r\n'), /is not HTTP$/],
    ['has an escape in a header', (socket) => socket.end(`${head}X\u001b: a\r\n\r\n`), /header that is not valid$/],
    [
      'has a negative chunk',
      (socket) => socket.end(`${head}Transfer-Encoding: chunked\r\n\r\n-ff\r\nx`),
      /without a whole/,
    ],
    ['comes after an interim one', (socket) => socket.end(`HTTP/1.1 100 Continue\r\n\r\n${head}\r\nok`), /^200 ok$/],
  ])('ends when its response %s', async (_, write, result) => {
    // Only a response that never ends may meet the timeout.
    expect(await respond(write, write === drip ? 0.3 : timeLimit(20_000) / 1_000)).toMatch(result);
  });
});

describe('the reports of a run against a server that repeats secrets', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJlMTIz';

  /** Responds with the token and a secret of its own in every place that a response has. */
  const repeatSecrets = async ({ headers, method, url }: Request) => {
    const sent = (headers.get('authorization') ?? '').replace('Bearer ', '');
    const app = { id: sent || jwt, name: sent, metadata: { [`\r\n${jwt}`]: sent.toLowerCase() }, etag: jwt };
    const isList = method === 'GET' && !/oauth-apps\//.test(url);
    const shown = { ETag: `"${jwt}"`, Allow: sent.toUpperCase(), Location: `https://u:p4ssw0rd@a.example/?t=${sent}` };
    const type = method === 'POST' ? `text/${sent}` : 'application/json';
    const body = JSON.stringify(isList ? { data: [{ ...app, id: jwt }], next_cursor: jwt } : app);
    const isEmpty = method === 'HEAD';
    const status = ['PUT', 'DELETE'].includes(method) ? 405 : 200;
    return new Response(isEmpty ? null : body, { status, headers: { ...shown, 'Content-Type': type } });
  };

  it('contain none of them', async () => {
    const tokens = { token: 'TokenOfTheRun-9fQ2xLmP77', otherToken: 'OtherToken-44ZkWq81hGx' };
    const target = { ...options, ...tokens, baseUrl: 'http://127.0.0.1', fetch: repeatSecrets, isStrict: true };
    const result = await createSuite({ ...target, operations: ['createOAuthApp', 'listOAuthApps'] }).run();
    const { leftBehind } = result;
    const texts = [renderText(result, { isVerbose: true }), renderJson(result), renderJunit(result)];
    const reports = [...texts, renderHtml(result), renderAnnotations(result)].map((text) => text.toLowerCase());
    expect(result.causes.length).toBeGreaterThan(5);
    expect(leftBehind.length).toBeGreaterThan(0);
    const secrets = [...Object.values(tokens), jwt].map((secret) => secret.toLowerCase());
    expect(secrets.filter((secret) => reports.some((report) => report.includes(secret)))).toEqual([]);
  });

  it('mask those of a redirect', async () => {
    const headers = { Location: `https://user:p4ssw0rd@a.example/?access_token=${jwt}&t=a-token` };
    const error = await verify({
      baseUrl: 'http://127.0.0.1',
      fetch: async () => new Response(null, { status: 302, headers }),
    });
    expect(error).toContain('redirects to https:');
    expect(error).not.toMatch(/p4ssw0rd|eyJ|=a-token/);
  });
});

describe('a run over TLS', () => {
  const baseOf = async () => {
    const server = await startServer();
    const listener = await startListener(server.app, certificate);
    return { server, listener };
  };

  it('explains a certificate that is not accepted', async () => {
    await using listener = await startListener((_, response) => response.end(), certificate);
    expect(await verify({ baseUrl: listener.url })).toMatch(
      /the certificate is self-signed \(DEPTH_ZERO_SELF_SIGNED_CERT\)\. --ca FILE .* --insecure/,
    );
  });

  it.each([
    ['of a given authority', { ca: certificate.cert }],
    ['of any issuer where the option says so', { isInsecure: true }],
  ])('accepts certificates %s', async (_, tls) => {
    const { server, listener } = await baseOf();
    const only = ['ignored_auth', 'use_after_free', 'unsupported_method'] as const;
    const target = { ...options, baseUrl: listener.url, token: server.token, only };
    const result = await createSuite({ ...target, fetch: createTlsFetch(tls) }).run();
    await listener[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    expect(result.findings).toEqual([]);
    expect(result.requests).toBeGreaterThan(40);
  });

  it('reads the authority from the file of --ca', async () => {
    const { readTls } = await import('../../server/commands/verify-options.ts');
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-ca-'));
    await writeFile(join(folder, 'ca.pem'), certificate.cert);
    expect(await readTls({ ca: join(folder, 'ca.pem') })).toEqual({ ca: certificate.cert, isInsecure: false });
    await rm(folder, { recursive: true });
  });
});
