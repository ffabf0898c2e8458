/**
 * A program that serves and logs like the server, without the rest of it: its lines and its banner go through the same
 * outputs. It starts with a sixth of the CPU.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openOutput } from '../../server/process/log-destination.ts';

const standardError = openOutput(2);
process.on('uncaughtException', (error) => {
  standardError.write(`This should not have happened: ${error.name}.\n`);
  process.exit(1);
});

/** Long enough that few requests fill the buffer. */
const line = `${JSON.stringify({ msg: 'response sent', operationId: 'listOAuthApps', long: 'x'.repeat(1_000) })}\n`;
const server = createServer((req, res) => {
  if (req.url?.startsWith('/v1/')) standardError.write(line);
  res.setHeader('Content-Type', 'application/json').end('{}');
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  openOutput(1).write(`\nThe server is ready.\n  API  ${url}/v1/oauth-apps\n\n  curl '${url}/v1/oauth-apps'\n\n`);
});
process.once('SIGTERM', () => {
  server.close(() => void standardError.flush(500).then(() => process.exit(0)));
  server.closeIdleConnections();
});
