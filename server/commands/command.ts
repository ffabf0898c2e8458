import type { ParseArgsOptionsConfig } from 'node:util';
import type { Config, Tokens } from '../config.ts';

/** What a command gets: its arguments, the settings, and a way to speak. */
export interface CommandInput {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  /** Reads the settings. Throws `ConfigError`. */
  readonly readConfig: () => Config;
  /** Reads the tokens that the environment has, for commands that call an API. */
  readonly readTokens: () => Tokens;
  /** The version of an optional peer that belongs to this package. */
  readonly findVersion: (name: string) => string;
  /** Writes a line to standard output. */
  readonly say: (line: string) => void;
}

/** One command of `oauth-apps`. */
export interface Command {
  /** `token create`: what is typed. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  readonly options: ParseArgsOptionsConfig;
  /** How each option, and what is typed behind the name, is explained by `--help`. */
  readonly help: readonly (readonly [term: string, meaning: string])[];
  /** The packages that only this command and a few others need; they are optional peers of this one. */
  readonly packages: readonly string[];
  /** How many arguments it takes behind its name. Default: none. */
  readonly argumentCount?: number;
  /** Gives the exit code. */
  run(input: CommandInput): Promise<number>;
}

/** What every command needs that opens the database. */
export const storePackages = ['kysely'] as const;

/** What was typed cannot be understood. The message says what is expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads `--port`; undefined where it is not given. Throws `UsageError`. */
export function readPort(port: string | boolean | undefined): number | undefined {
  if (port === undefined) return undefined;
  if (!/^\d{1,5}$/.test(String(port)) || Number(port) > 65_535)
    throw new UsageError('--port takes a number from 0 to 65535');
  return Number(port);
}

const progressMilliseconds = 1_000;

/** Says lines that tell how far it is: the first, then one a second. */
export function onceASecond(say: CommandInput['say']): CommandInput['say'] {
  let last = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (performance.now() - last < progressMilliseconds) return;
    last = performance.now();
    say(line);
  };
}
