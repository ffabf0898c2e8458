/**
 * Starts a measured server in its own process: `node test/bench/server.ts <kind> <database-url>`. It sends its URL and
 * tokens over IPC, and its usage on request.
 */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type OperationId, operations } from '../../generated/operations.ts';
import { type AppDeps, assembleApp, createApp } from '../../server/app.ts';
import { description } from '../../server/description.ts';
import { listen } from '../../server/http/listen.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { allScopes, hashToken, mintToken } from '../../server/keys/tokens.ts';
import { createLog } from '../../server/log.ts';
import { openStore } from '../../server/store/open-store.ts';
import { compileOperations } from '../../server/validation/library.ts';
import { rejectFailure } from '../../server/validation/rejection.ts';
import { validateRequest } from '../../server/validation/request.ts';
import type { OperationValidator, Validators } from '../../server/validation/validators.ts';
import { accounts, type Kind, type Report, type Usage } from './target.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Parses the parameters that a server without validation has to parse as well. */
const parseOnly: OperationValidator['validateRequest'] = ({ path, query, headers, body }) => {
  const limit = query.limit === undefined ? undefined : Number(query.limit);
  const described = { 'Idempotency-Key': headers['idempotency-key'], 'If-None-Match': headers['if-none-match'] };
  return {
    path,
    query: { ...query, limit },
    headers: { ...described, 'If-Match': headers['if-match'] },
    body,
  } as never;
};

/** Makes the validators of all operations. */
const forAll = (make: (operationId: OperationId) => OperationValidator) =>
  Object.fromEntries((Object.keys(operations) as OperationId[]).map((id) => [id, make(id)])) as object as Validators;

/** Makes validators that leave every request and response to express-openapi-validator, without the compiled schemas. */
function wholeValidators(): Validators {
  const compiled = compileOperations(description);
  return forAll((operationId) => {
    const whole = { ...compiled[operationId], plainQuery: undefined };
    return {
      validateRequest(parts) {
        const { requestMediaTypes } = operations[operationId];
        const verdict = validateRequest(whole, parts, { ...parts.headers, 'content-type': requestMediaTypes[0] });
        if ('failure' in verdict) return rejectFailure(verdict.failure);
        const { query, params: path, headers, body } = verdict.data;
        return parseOnly({ ...parts, query, path: path as Record<string, string>, headers, body });
      },
      validateResponse(response, path) {
        if (response.status < 500) whole.validateResponse(response, path);
      },
    };
  });
}

const builders: Record<Kind, (deps: AppDeps) => Promise<RequestListener>> = {
  /** The app of `npm start`. */
  on: createApp,
  /** The app without validation. */
  off: (deps) =>
    assembleApp(
      deps,
      forAll(() => ({ validateRequest: parseOnly, validateResponse() {} })),
    ),
  whole: (deps) => assembleApp(deps, wholeValidators()),
  fastify: async (deps) => {
    const { buildFastify } = await import('./fastify-server.ts');
    const app = await buildFastify(deps);
    await app.ready();
    return app.routing as RequestListener;
  },
};

const [kind, databaseUrl = ''] = process.argv.slice(2) as [Kind, string];
const store = await openStore(databaseUrl);
const now = new Date();
const keyRing = loadKeyRing(makeKeyLine(now), now);
// The log goes to standard error as in production. The parent process writes it to a file.
const app = await builders[kind]({
  store,
  keyRing,
  log: createLog('info'),
  maxAppsPerAccount: 100_000_000,
});
const { url } = await listen(app, { host: '127.0.0.1', port: 0 });

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
