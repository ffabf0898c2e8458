import { fault } from './fault.ts';

const tokens = 'server/keys/tokens.ts';
const authenticate = 'server/http/authenticate.ts';
const handlers = 'server/oauth-apps/handlers.ts';

/** Faults of tokens, limits and turns. */
export const callers = [
  fault(
    'a token whose typo is accepted',
    tokens,
    'return sum !== checksum(random);',
    'return false;',
    'test/server/tokens.test.ts',
  ),
  fault(
    'a token that can be guessed',
    tokens,
    'estimateBits(token) >= minBits',
    'estimateBits(token) >= 0',
    'test/server/operator-tokens.test.ts',
  ),
  fault(
    'tokens in clear in the database',
    tokens,
    "return hash('sha256', token, 'hex');",
    'return token;',
    'test/server/tokens.test.ts',
  ),
  fault(
    'a revoked token that is accepted',
    authenticate,
    'revokedAt === undefined && (',
    '(revokedAt === undefined || true) && (',
    'test/server/accounts.test.ts test/server/operator-tokens.test.ts test/server/two-servers.test.ts',
  ),
  fault(
    'an expired token that is accepted',
    authenticate,
    'expiresAt > now.toISOString()',
    'expiresAt > now.toISOString().slice(0, 1)',
    'test/server/operator-tokens.test.ts',
  ),
  fault(
    'wrong tokens without a limit',
    'server/http/failed-authentications.ts',
    'counted.count < limit) return 0;',
    'counted.count < 1_000 * limit) return 0;',
    'test/server/failed-authentications.test.ts',
  ),
  fault(
    'a scope that no operation needs',
    'server/http/operation.ts',
    '!caller?.scopes.includes(scope)',
    '!caller?.scopes.includes(scope) && !scope',
    'test/server/accounts.test.ts test/server/authentication.test.ts test/operations/documented-statuses.test.ts',
  ),
  fault(
    'a reveal without its scope',
    handlers,
    'if (isReveal && !caller.scopes.includes(revealing))',
    'if (isReveal && caller.scopes.length === 0)',
    'test/server/reveal.test.ts',
  ),
  fault(
    'a token without a limit of requests',
    'server/http/rate-limit.ts',
    'return milliseconds === 0 ? undefined',
    'return milliseconds < 1e9 ? undefined',
    'test/server/limits.test.ts',
  ),
  fault(
    'an account that takes all turns',
    'server/http/account-turns.ts',
    'account.inWork + cost <= capacity);',
    'account.inWork + cost <= 1e6 * capacity);',
    'test/server/fairness.test.ts',
  ),
  fault(
    'a connection with all its requests in work',
    'server/http/connection.ts',
    'if (this.#running === undefined && this.#waiting.length === 0 && !this.#server.isHolding)',
    'if (!this.#server.isHolding)',
    'test/server/pipelining.test.ts',
  ),
  fault(
    'pages of every origin',
    'server/http/cors.ts',
    "!(allowed.has('*') || allowed.has(origin))",
    "!(allowed.has('*') || allowed.has(origin) || origin)",
    'test/server/cors.test.ts',
  ),
];
