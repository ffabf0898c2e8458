import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ResponseValidation } from './middleware/enforce-description.ts';
import { makeKeyLine } from './secrets.ts';
import { sqliteFile } from './store/open-store.ts';

/** A setting that cannot be used. The message names the variable and what it takes, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** What the environment says. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly databaseUrl: string;
  /** Keys as `kid:base64key`, comma- or line-separated. */
  readonly secretKeys: string;
  readonly apiToken?: string;
  readonly responseValidation: ResponseValidation;
  readonly logLevel: string;
}

type Env = Readonly<Record<string, string | undefined>>;

function oneOf<Value extends string>(env: Env, name: string, values: readonly [Value, ...Value[]]): Value {
  const value = (env[name] || values[0]) as Value;
  if (!values.includes(value)) throw new ConfigError(`${name} must be one of ${values.join(', ')}.`);
  return value;
}

function readPort(env: Env): number {
  const text = env.PORT || '3000';
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new ConfigError('PORT must be a number from 0 to 65535.');
  return Number(text);
}

function readDatabaseUrl(env: Env): string {
  const url = env.DATABASE_URL || 'sqlite:.data/oauth-apps.db';
  if (sqliteFile(url) === undefined) throw new ConfigError('DATABASE_URL must be sqlite:<file>.');
  return url;
}

/** The key file of the embedded default, made once and readable by its owner only. */
function embeddedKeyFile(databaseUrl: string): string {
  const file = `${sqliteFile(databaseUrl)}.keys`;
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${makeKeyLine(new Date())}\n`, { mode: 0o600, flag: 'wx' });
  }
  return file;
}

function readSecretKeys(env: Env, databaseUrl: string): string {
  if (env.SECRET_KEYS) return env.SECRET_KEYS;
  if (!env.SECRET_KEYS_FILE && sqliteFile(databaseUrl) === ':memory:') return makeKeyLine(new Date());
  const file = env.SECRET_KEYS_FILE || embeddedKeyFile(databaseUrl);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as { code?: string };
    const name = env.SECRET_KEYS_FILE ? 'SECRET_KEYS_FILE' : 'The key file beside the database';
    throw new ConfigError(`${name} cannot be read (${code}).`);
  }
}

/** Reads the configuration; the only place that knows the environment. Throws `ConfigError`. */
export function readConfig(env: Env): Config {
  const databaseUrl = readDatabaseUrl(env);
  return {
    host: env.HOST || '127.0.0.1',
    port: readPort(env),
    databaseUrl,
    secretKeys: readSecretKeys(env, databaseUrl),
    apiToken: env.API_TOKEN || undefined,
    responseValidation: oneOf(env, 'RESPONSE_VALIDATION', ['strict', 'report']),
    logLevel: oneOf(env, 'LOG_LEVEL', ['info', 'trace', 'debug', 'warn', 'error', 'fatal', 'silent']),
  };
}
