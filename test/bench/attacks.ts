/**
 * Attacks of one caller, each in a process of its own, so that the process that measures is not slowed by them:
 * `node test/bench/attacks.ts <name> <url> <token> <milliseconds>`.
 */
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { example } from '../helpers/examples.ts';
import { createLoadClient } from '../helpers/load-client.ts';

/** The server under attack, and the token of the attacker. */
interface Attacked {
  readonly url: string;
  readonly token: string;
}

/** Writes requests to a connection, whose responses it reads slowly or not at all, until `isOver`. */
async function pipeline({ url }: Attacked, request: string, times: number, isOver: () => boolean): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write(request.repeat(times));
  socket.pause();
  while (!isOver()) await setTimeout(100);
  socket.destroy();
}

const listRequest = (token: string) =>
  `GET /v1/oauth-apps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;

/** The attacks by name, each of one caller. */
const attacks: Readonly<Record<string, (target: Attacked, isOver: () => boolean) => Promise<unknown>>> = {
  none: async () => {},
  async 'full lists, 4 at a time'({ url, token }, isOver) {
    const client = createLoadClient(url, token, 4);
    const work = async () => {
      while (!isOver()) await client.send('GET /v1/oauth-apps');
    };
    await Promise.all(Array.from({ length: 4 }, work));
    client.close();
  },
  '120 pipelined lists, read slowly': (target, isOver) => pipeline(target, listRequest(target.token), 120, isOver),
  async '150 pipelined lists, client gone'(target, isOver) {
    while (!isOver()) {
      const left = performance.now() + 50;
      await pipeline(target, listRequest(target.token), 150, () => performance.now() > left);
    }
  },
  async '10 × 1,600 pipelined pages'(target, isOver) {
    const request = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n';
    await Promise.all(Array.from({ length: 10 }, () => pipeline(target, request, 1_600, isOver)));
  },
  async '40 creates at a time'({ url, token }, isOver) {
    const client = createLoadClient(url, token, 40);
    const work = async () => {
      while (!isOver()) await client.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp') });
    };
    await Promise.all(Array.from({ length: 40 }, work));
    client.close();
  },
  async 'wide filters, 8 at a time'({ url, token }, isOver) {
    const client = createLoadClient(url, token, 8);
    const filter = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`property ${index}`, index]));
    const metadata = encodeURIComponent(JSON.stringify(filter));
    const work = async () => {
      while (!isOver()) await client.send(`GET /v1/oauth-apps?limit=1&metadata=${metadata}`);
    };
    await Promise.all(Array.from({ length: 8 }, work));
    client.close();
  },
  async 'revealed lists, 2 at a time'({ url, token }, isOver) {
    const client = createLoadClient(url, token, 2);
    const work = async () => {
      while (!isOver()) await client.send('GET /v1/oauth-apps?truncate_secrets=false');
    };
    await Promise.all(Array.from({ length: 2 }, work));
    client.close();
  },
  async 'one key for creates, 40 at a time'({ url, token }, isOver) {
    const client = createLoadClient(url, token, 40);
    const work = async () => {
      for (let key = 0; !isOver(); key += 1) {
        const headers = { 'Idempotency-Key': `key ${key % 100}` };
        await client.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp'), headers });
      }
    };
    await Promise.all(Array.from({ length: 40 }, work));
    client.close();
  },
  async '400 connections, a byte at a time'({ url }, isOver) {
    const { hostname, port } = new URL(url);
    const sockets = Array.from({ length: 400 }, () => connect(Number(port), hostname).on('error', () => {}));
    for (let at = 0; !isOver(); at += 1) {
      for (const socket of sockets)
        if (socket.writable) socket.write('GET /v1/oauth-apps HTTP/1.1\r\nX: '.charAt(at) || 'x');
      await setTimeout(20);
    }
    for (const socket of sockets) socket.destroy();
  },
};

/** The names of the attacks. */
export const attackNames: readonly string[] = Object.keys(attacks);

if (import.meta.main) {
  const [name = '', url = '', token = '', milliseconds] = process.argv.slice(2);
  const end = performance.now() + Number(milliseconds);
  await attacks[name]?.({ url, token }, () => performance.now() > end);
}
