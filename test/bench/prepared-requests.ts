import { connect } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
const lengthName = Buffer.from('Content-Length: ');

/** Returns the number in ASCII digits that begins at an offset. */
function readNumber(bytes: Buffer, offset: number): number {
  let value = 0;
  for (let index = offset; bytes[index] !== undefined && bytes[index] !== 13; index += 1)
    value = value * 10 + (bytes[index] ?? 0) - 48;
  return value;
}

/** Prepares the bytes of a request. */
export function prepareRequest(target: string, token: string, body?: object): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const length = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  const head = `${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n${body === undefined ? '' : length}`;
  return Buffer.from(`${head}\r\n${text}`);
}

/**
 * Opens a connection that sends prepared requests, one at a time. Of each response it reads the status and the length: a
 * client on the cores of the server must cost little.
 */
export function openPrepared(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let waiting: { resolve: () => void; reject: (error: Error) => void } | undefined;
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf(headEnd);
    const length = readNumber(received, received.indexOf(lengthName) + lengthName.length);
    if (end < 0 || received.length < end + headEnd.length + length) return;
    const status = received.toString('latin1', 9, 12);
    received = Buffer.alloc(0);
    if (status === '200') waiting?.resolve();
    else waiting?.reject(new Error(`a request got ${status}`));
  });
  const fail = () => waiting?.reject(new Error('the connection has ended'));
  socket.on('error', fail).on('close', fail);
  return {
    /** Sends a request. Rejects when the response has another status than 200. */
    send: (request: Buffer) =>
      new Promise<void>((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}
