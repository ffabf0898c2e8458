import { delimiter } from 'node:path';
import { makeKeyLine } from './keys/key-ring.ts';
import type { KeySource } from './keys/key-source.ts';
import { DatabaseUrlError, isPostgres, readFrom, splitPostgresUrl, sqliteFile } from './store/database-url.ts';
import type { ResponseValidation } from './validation/validators.ts';

/** An unusable setting. The message names the variable and the values that it takes, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The configuration of the process. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The milliseconds that a connection without a request is kept; undefined for the listener's default. */
  readonly keepAliveTimeout?: number;
  readonly databaseUrl: string;
  /** A replica of the database, for lists; undefined for none. */
  readonly replicaUrl?: string;
  /** The number of connections to PostgreSQL at most; undefined for the store's default. */
  readonly poolSize?: number;
  /** Undefined where the database needs explicit keys and there are none. */
  readonly keys: KeySource | undefined;
  readonly apiToken?: string;
  /** The number of server processes on the port. */
  readonly workers: number;
  /** The number of apps that an account may hold. */
  readonly maxAppsPerAccount?: number;
  /** Requests per minute and token; undefined for no limit. */
  readonly rateLimit?: number;
  /** Requests with a wrong token per minute and address. */
  readonly failedAuthLimit: number;
  /** Origins whose pages may use the API, or `*`; undefined for none. */
  readonly corsOrigins?: readonly string[];
  /** The port of the metrics, on the same host; undefined for none, 0 for any free one. */
  readonly metricsPort?: number;
  readonly responseValidation: ResponseValidation;
  readonly logLevel: string;
}

/** The tokens of commands that send requests. */
export interface Tokens {
  readonly token?: string;
  /** A token of another account. */
  readonly otherToken?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

function oneOf<Value extends string>(env: Env, name: string, values: readonly [Value, ...Value[]]): Value {
  const value = (env[name] || values[0]) as Value;
  if (!values.includes(value)) throw new ConfigError(`${name} must be one of ${values.join(', ')}.`);
  return value;
}

function readPort(env: Env, name: 'PORT' | 'METRICS_PORT'): number {
  const text = env[name] || '3000';
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new ConfigError(`${name} must be a number from 0 to 65535.`);
  return Number(text);
}

function readDatabaseUrl(env: Env): string {
  const url = env.DATABASE_URL || 'sqlite:.data/oauth-apps.db';
  if (sqliteFile(url) === undefined && !isPostgres(url)) {
    throw new ConfigError('DATABASE_URL must be sqlite:<file> or postgres://<user>:<password>@<host>/<database>.');
  }
  checkPostgresUrl(url, 'DATABASE_URL');
  return url;
}

function checkPostgresUrl(url: string, variable: string): void {
  try {
    if (isPostgres(url)) readFrom(variable, () => splitPostgresUrl(url));
  } catch (error) {
    if (error instanceof DatabaseUrlError) throw new ConfigError(error.message);
    throw error;
  }
}

function readReplicaUrl(env: Env, databaseUrl: string): string | undefined {
  const url = env.DATABASE_REPLICA_URL || undefined;
  if (url === undefined) return undefined;
  if (!isPostgres(databaseUrl) || !isPostgres(url))
    throw new ConfigError('DATABASE_REPLICA_URL must be postgres://…, as DATABASE_URL then is too.');
  checkPostgresUrl(url, 'DATABASE_REPLICA_URL');
  return url;
}

/**
 * Finds the source of the keys: the environment, a file, or a new key for a database in memory. PostgreSQL has no default:
 * several servers share it, and a key that one of them makes would be unknown to the others.
 */
function readKeySource(env: Env, databaseUrl: string): KeySource | undefined {
  if (env.SECRET_KEYS) return { text: env.SECRET_KEYS };
  if (env.SECRET_KEYS_FILE) return { file: env.SECRET_KEYS_FILE, isEmbedded: false };
  const databaseFile = sqliteFile(databaseUrl);
  if (databaseFile === undefined) return undefined;
  if (databaseFile === ':memory:') return { text: makeKeyLine(new Date()) };
  return { file: `${databaseFile}.keys`, isEmbedded: true };
}

function readCount(env: Env, name: string, max = 999_999_999): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text) || Number(text) > max) {
    throw new ConfigError(`${name} must be a whole number from 1 to ${max}.`);
  }
  return Number(text);
}

/** Reads origins, separated by commas, each as a browser sends it. */
function readOrigins(env: Env): readonly string[] | undefined {
  if (!env.CORS_ORIGINS) return undefined;
  const origins = env.CORS_ORIGINS.split(',').map((origin) => origin.trim());
  // Browsers send no pattern, so that one would match nothing.
  const isOrigin = (text: string) =>
    text === '*' || (!text.includes('*') && URL.canParse(text) && new URL(text).origin === text);
  if (!origins.every(isOrigin))
    throw new ConfigError('CORS_ORIGINS must be origins such as https://app.example.com, comma-separated, or *.');
  return origins;
}

/** Reads a number of seconds, up to a day. Returns milliseconds. */
function readSeconds(env: Env, name: string): number | undefined {
  const seconds = readCount(env, name, 86_400);
  return seconds === undefined ? undefined : seconds * 1_000;
}

/**
 * Reads the configuration. No other function reads the environment.
 * @param settings Override the environment.
 * @throws ConfigError
 */
export function readConfig(settings: Env = {}): Config {
  const env = { ...process.env, ...settings };
  const databaseUrl = readDatabaseUrl(env);
  return {
    host: env.HOST || '127.0.0.1',
    port: readPort(env, 'PORT'),
    keepAliveTimeout: readSeconds(env, 'KEEP_ALIVE_TIMEOUT'),
    databaseUrl,
    replicaUrl: readReplicaUrl(env, databaseUrl),
    poolSize: readCount(env, 'DATABASE_POOL_SIZE'),
    keys: readKeySource(env, databaseUrl),
    apiToken: env.API_TOKEN || undefined,
    workers: readCount(env, 'WORKERS') ?? 1,
    maxAppsPerAccount: readCount(env, 'MAX_APPS_PER_ACCOUNT'),
    rateLimit: readCount(env, 'RATE_LIMIT'),
    failedAuthLimit: readCount(env, 'FAILED_AUTH_LIMIT') ?? 300,
    corsOrigins: readOrigins(env),
    metricsPort: env.METRICS_PORT ? readPort(env, 'METRICS_PORT') : undefined,
    responseValidation: oneOf(env, 'RESPONSE_VALIDATION', ['strict', 'report']),
    logLevel: oneOf(env, 'LOG_LEVEL', ['info', 'trace', 'debug', 'warn', 'error', 'fatal', 'silent']),
  };
}

/**
 * Variables that any program needs: where things are, how text looks, where temporary files go. They are named one by
 * one, because others of the same families hold tokens (`NODE_AUTH_TOKEN`, `REDOCLY_AUTHORIZATION`).
 */
const programVariables =
  /^(PATH|PATHEXT|HOME|USER|LOGNAME|SHELL|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|CI|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SystemRoot|windir|ComSpec|USERPROFILE|APPDATA|LOCALAPPDATA|NODE_(OPTIONS|PATH|ENV|DEBUG|NO_WARNINGS|EXTRA_CA_CERTS|V8_COVERAGE|(DISABLE_)?COMPILE_CACHE)|REDOCLY_(TELEMETRY|SUPPRESS_UPDATE_NOTICE))$/i;
/** Variables that npm needs besides, to reach its registry. */
const npmVariables = /^(npm_config_\w+|(https?|no|all)_proxy|SSL_CERT_\w+|XDG_\w+)$/i;

/**
 * Returns the environment of a program that a command starts: nothing of the settings of the server, which are secrets.
 * @param usesRegistry Whether the program is npm, which downloads.
 */
export function childEnvironment(usesRegistry = false, env: Env = process.env): Record<string, string> {
  const isNeeded = (name: string) => programVariables.test(name) || (usesRegistry && npmVariables.test(name));
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value !== undefined && isNeeded(name) ? [[name, value]] : [])),
  );
}

/** Reads the tokens of commands that send requests: other users of the machine see arguments, but no environment. */
export function readTokens(env: Env = process.env): Tokens {
  return { token: env.API_TOKEN || undefined, otherToken: env.OTHER_API_TOKEN || undefined };
}

/** Returns the folders on the `PATH` with the programs of packages that `npm exec` has installed. */
export const listProgramFolders = ({ PATH = '' }: Env = process.env): string[] =>
  PATH.split(delimiter).filter((folder) => /[\\/]_npx[\\/].*\.bin$/.test(folder));
