import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from './eventually.ts';

/** The parameters of a start that a pooler takes, as PgBouncer does. */
const allowedParameters = ['user', 'database', 'application_name', 'client_encoding'];
const sslRequest = 80_877_103;
const cancelRequest = 80_877_102;
const ready = 'Z'.charCodeAt(0);
const idle = 'I'.charCodeAt(0);

/** Encodes a message of the server. */
function message(type: string, ...parts: (string | number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const head = Buffer.from([type.charCodeAt(0), 0, 0, 0, 0]);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Calls back for each whole message in a stream of bytes. */
function splitMessages(onMessage: (type: number, bytes: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const length = rest.readInt32BE(1) + 1;
      onMessage(rest[0] ?? 0, rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}

/** A session with the database, which one client after the other uses. */
interface Session {
  readonly socket: Socket;
  readonly cancel: () => Promise<unknown>;
  client: Socket | undefined;
}

/** Opens a session with the database and takes it over from the driver. */
async function openSession(databaseUrl: string, onReady: (session: Session) => void): Promise<Session> {
  const driver = new pg.Client(databaseUrl);
  await driver.connect();
  const pid = (await driver.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
  const socket = driver.connection.stream as Socket;
  socket
    .removeAllListeners('data')
    .removeAllListeners('close')
    .removeAllListeners('error')
    .on('error', () => {});
  const cancel = async () => {
    const other = new pg.Client(databaseUrl);
    await other.connect();
    await other.query('SELECT pg_cancel_backend($1)', [pid]);
    await other.end();
  };
  const session: Session = { socket, cancel, client: undefined };
  socket.on(
    'data',
    splitMessages((type, bytes) => {
      session.client?.write(bytes);
      if (type === ready && bytes[5] === idle) onReady(session);
    }),
  );
  return session;
}

/** Reads the parameters of a start. */
function readStart(bytes: Buffer): string[] {
  const words = bytes.toString('utf8', 8).split('\0');
  return words.filter((word, index) => index % 2 === 0 && word !== '');
}

/**
 * Starts a stand-in of a pooler in transaction mode: it refuses parameters at the start, has process ids of its own, and
 * gives each transaction to the session that has been idle for longest.
 */
async function startStandIn(databaseUrl: string, size: number) {
  const waiting: { client: Socket; bytes: Buffer[] }[] = [];
  const free: Session[] = [];
  const lend = (session: Session) => {
    const next = waiting.shift();
    session.client = next?.client;
    if (next === undefined) free.push(session);
    else for (const bytes of next.bytes) session.socket.write(bytes);
  };
  const sessions: Session[] = [];
  for (let index = 0; index < size; index += 1) sessions.push(await openSession(databaseUrl, lend));
  free.push(...sessions);
  let moves = 0;
  const forward = (client: Socket, bytes: Buffer) => {
    const held = sessions.find((session) => session.client === client);
    const queued = waiting.find((one) => one.client === client);
    if (held !== undefined) held.socket.write(bytes);
    else if (queued !== undefined) queued.bytes.push(bytes);
    else if (bytes[0] !== 'X'.charCodeAt(0)) {
      moves += 1;
      waiting.push({ client, bytes: [bytes] });
      const session = free.shift();
      if (session !== undefined) lend(session);
    }
  };
  const clients = new Map<number, Socket>();
  const begin = (client: Socket, bytes: Buffer): boolean => {
    const code = bytes.readInt32BE(4);
    if (code === sslRequest) client.write('N');
    else if (code === cancelRequest) {
      const held = sessions.find((session) => session.client === clients.get(bytes.readInt32BE(8)));
      void held?.cancel();
    } else if (readStart(bytes).some((name) => !allowedParameters.includes(name))) {
      client.end(message('E', 'SFATAL\0C08P01\0Munsupported startup parameter\0\0'));
    } else {
      const id = clients.size + 1;
      clients.set(id, client);
      client.write(
        Buffer.concat([
          message('R', [0, 0, 0, 0]),
          message('S', 'server_version\x0018.0\0'),
          message('K', [0, 0, 0, id], [0, 0, 0, 1]),
          message('Z', 'I'),
        ]),
      );
      return true;
    }
    return false;
  };
  const server = createServer((client) => {
    let hasBegun = false;
    const split = splitMessages((_type, bytes) => forward(client, Buffer.from(bytes)));
    client.on('error', () => {});
    client.on('data', (chunk) => {
      if (hasBegun) split(chunk);
      else hasBegun = begin(client, chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    name: 'stand-in',
    port: (server.address() as AddressInfo).port,
    moves: () => moves,
    async stop() {
      server.close();
      for (const client of clients.values()) client.destroy();
      for (const { socket } of sessions) socket.destroy();
    },
  };
}

const pgBouncer = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path));
/** The user that PgBouncer runs as where the tests run as root, which it refuses. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Starts PgBouncer in transaction mode, with its defaults. */
async function startPgBouncer(databaseUrl: string, size: number, path: string) {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-pgbouncer-'));
  const { hostname, port, username, password } = new URL(databaseUrl);
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const own = (free.address() as AddressInfo).port;
  await new Promise((resolve) => free.close(resolve));
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]\n* = host=${hostname} port=${port} user=${username} password=${password}\n[pgbouncer]\n` +
      `listen_addr = 127.0.0.1\nlisten_port = ${own}\nauth_type = any\npool_mode = transaction\n` +
      `default_pool_size = ${size}\nunix_socket_dir =\nlogfile =\n`,
  );
  if (unprivileged.uid !== undefined) {
    await chown(folder, unprivileged.uid, unprivileged.gid);
    await chown(file, unprivileged.uid, unprivileged.gid);
  }
  const child: ChildProcess = spawn(path, ['-q', file], { stdio: 'ignore', ...unprivileged });
  const ended = once(child, 'exit');
  await eventually(async () => {
    const probe = new pg.Client(Object.assign(new URL(databaseUrl), { port: String(own) }).href);
    await probe.connect();
    await probe.end();
  });
  return {
    name: 'PgBouncer',
    port: own,
    moves: () => Number.POSITIVE_INFINITY,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The poolers that can be tested here. */
export const poolers: readonly ('stand-in' | 'PgBouncer')[] =
  pgBouncer === undefined ? ['stand-in'] : ['stand-in', 'PgBouncer'];

/** Starts a pooler in front of a database. Dispose of it with `await using`. */
export async function startPooler(kind: (typeof poolers)[number], databaseUrl: string, size = 4) {
  const pooler =
    kind === 'stand-in' || pgBouncer === undefined
      ? await startStandIn(databaseUrl, size)
      : await startPgBouncer(databaseUrl, size, pgBouncer);
  return {
    name: pooler.name,
    /** The URL of the database through the pooler. */
    url: Object.assign(new URL(databaseUrl), { port: String(pooler.port) }).href,
    /** The number of transactions that the stand-in gave to a session. */
    moves: pooler.moves,
    [Symbol.asyncDispose]: pooler.stop,
  };
}
