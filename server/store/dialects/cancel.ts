import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { PoolClient } from 'pg';

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const cancelCode = 80_877_102;
/** A database that stands still does not respond. */
const timeoutMilliseconds = 500;

/** The facts of a connection that the driver keeps and its types leave out. */
interface Session {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly ssl: boolean | ConnectionOptions;
}

/** Builds a CancelRequest. @see https://www.postgresql.org/docs/current/protocol-message-formats.html */
function cancelRequest(processId: number, key: number): Buffer {
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(cancelCode, 4);
  request.writeInt32BE(processId, 8);
  request.writeInt32BE(key, 12);
  return request;
}

/**
 * Asks the database to cancel the statement that runs on a connection, over a connection of its own, as the protocol
 * has it. A pooler passes it on, as long as the connection is open. Resolves once the request has been taken, at the
 * latest after half a second.
 */
export async function cancelStatement(client: PoolClient): Promise<void> {
  const { host, port } = client;
  const { processID, secretKey, ssl } = client as object as Session;
  if (processID === null || secretKey === null) return;
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  const end = () => void socket.destroy();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const timer = setTimeout(end, timeoutMilliseconds);
  socket.on('error', end);
  const request = cancelRequest(processID, secretKey);
  if (ssl === false) socket.write(request);
  else {
    socket.write(sslRequest);
    socket.once('data', (response) => {
      if (response.toString() !== 'S') return end();
      const secure = connectTls({ socket, host, ...(ssl === true ? {} : ssl) });
      secure.on('error', end).on('close', end).write(request);
    });
  }
  await closed;
  clearTimeout(timer);
}
