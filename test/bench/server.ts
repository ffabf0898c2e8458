/**
 * A server under measurement, in a process of its own: `node test/bench/server.ts <kind> <database-url>`. It says over
 * IPC where it listens and with which tokens, and on request what it has used so far.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Express, RequestHandler } from 'express';
import { type AppDeps, assembleApp, createApp } from '../../server/app.ts';
import { messagesOf } from '../../server/express-messages.ts';
import { listen } from '../../server/http/listen.ts';
import { createLog } from '../../server/log.ts';
import { checkAndSend, type SendAnswer } from '../../server/http/send.ts';
import { transportProblem } from '../../server/problem.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { openStore } from '../../server/store/open-store.ts';
import { allScopes, hashToken, mintToken } from '../../server/keys/tokens.ts';
import { accounts, type Kind, type Report, type Usage } from './target.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What even a server without validation has to do to its query. */
const readLimit: RequestHandler = (_req, res, next) => {
  const { query } = res.locals;
  if (query.limit !== undefined) res.locals.query = { ...query, limit: Number(query.limit) };
  next();
};

/** Where the validator leaves the query when it comes as it is. */
const takeQuery: RequestHandler = (req, res, next) => {
  res.locals.query = req.query;
  next();
};

/** As the validator as it comes has it: it listens to `res.json`. */
const sendPlainly: SendAnswer = (res, { status, headers = {}, mediaType, body }) => {
  res.status(status).set(headers);
  if (mediaType !== undefined) res.type(mediaType);
  if (body === undefined) res.end();
  else res.json(body);
};

const builders: Record<Kind, (deps: AppDeps) => Promise<RequestListener> | RequestListener> = {
  /** As it is served. */
  on: createApp,
  /** Without any validation by the description. */
  off: (deps) =>
    assembleApp(
      deps,
      [readLimit],
      checkAndSend(() => {}),
    ),
  fastify: async (deps) => {
    const { buildFastify } = await import('./fastify-server.ts');
    const app = await buildFastify(deps);
    await app.ready();
    return app.routing as RequestListener;
  },
  /** With the validator as it comes. */
  plain: async (deps) => {
    const { plainValidator } = await import('../helpers/plain-validator.ts');
    const options = { description: deps.description, responseValidation: 'strict' } as const;
    const validator = plainValidator({ ...options, onBrokenResponse: () => {} });
    return assembleApp(deps, [...validator, takeQuery], sendPlainly);
  },
};

const [kind, databaseUrl = ''] = process.argv.slice(2) as [Kind, string];
const store = await openStore(databaseUrl);
const now = new Date();
const description = await readFile(join(import.meta.dirname, '../../generated/openapi.json'), 'utf8');
const keyRing = loadKeyRing(makeKeyLine(now), now);
// To standard error, as the server logs; that is a file here.
const app = await builders[kind]({
  store,
  keyRing,
  log: createLog('info'),
  description,
  maxAppsPerAccount: 100_000_000,
});
const { url } = await listen(app, {
  host: '127.0.0.1',
  port: 0,
  problemOf: transportProblem,
  // As the server does, where there is an Express app.
  ...('request' in app && { messages: messagesOf(app as Express) }),
});

const tokens: Record<string, string> = {};
for (const accountId of accounts) {
  const token = mintToken();
  tokens[accountId] = token;
  const createdAt = now.toISOString();
  await store.addToken({ id: randomUUID(), accountId, hash: hashToken(token), scopes: allScopes, createdAt });
}

process.on('message', (question: 'usage' | 'heap') => {
  if (question === 'heap') collectGarbage();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ cpuMicroseconds: user + system, rss, heapUsed } satisfies Usage);
});
process.once('disconnect', () => process.exit());
process.send?.({ url, tokens } satisfies Report);
