import type { Config, Tokens } from '../config.ts';

/** Row of a list: values by name. */
export type Row = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The input of a command: its arguments, the configuration, and the output. */
export interface CommandInput {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  /** Reads the configuration. @throws ConfigError */
  readonly readConfig: () => Config;
  /** Reads the tokens of the environment, for commands that send requests. */
  readonly readTokens: () => Tokens;
  /** Returns the version of an optional peer that this package was tested with. */
  readonly findVersion: (name: string) => string;
  /** Writes a line to standard output. */
  readonly say: (line: string) => void;
  /** Writes a row of a list to standard output: a line of values with tabs between them, or JSON with `--json`. */
  readonly sayRow: (row: Row) => void;
}

/** One command of `oauth-apps`. */
export interface Command {
  /** The name as it is typed: `token create`. */
  readonly name: string;
  /** One sentence for the overview. */
  readonly summary: string;
  /**
   * The arguments (`<id>`) and the options with their meaning. An option takes a value when it names one: `--port N`.
   */
  readonly help: readonly (readonly [term: string, meaning: string])[];
  /** The options that may be given several times. Their values are joined by line ends. */
  readonly repeatable?: readonly string[];
  /** The optional peers that the command needs. */
  readonly packages: readonly string[];
  /** The arguments of examples, for `--help`. */
  readonly examples?: readonly string[];
  /**
   * The meaning of each exit code.
   * @default 0 done, 1 failed, 2 not run
   */
  readonly exitCodes?: Readonly<Record<number, string>>;
  /**
   * The exit code after an error.
   * @default 1
   */
  readonly failureCode?: number;
  /** Runs the command and returns the exit code. */
  run(input: CommandInput): Promise<number>;
}

/** The peers of every command that opens the database. */
export const storePackages = ['kysely'] as const;

/** An unusable argument. The message says what is expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The option of commands that print a list with `sayRow`. */
export const jsonOption = ['--json', 'print each row as a line of JSON'] as const;

/** A requirement that is not met, so that the command cannot run: a package, or a version of Node. */
export class RequirementError extends Error {
  override readonly name = 'RequirementError';
}

/** Reads `--port`; undefined where it is not given. @throws UsageError */
export function readPort(port: string | boolean | undefined): number | undefined {
  if (port === undefined) return undefined;
  if (!/^\d{1,5}$/.test(String(port)) || Number(port) > 65_535)
    throw new UsageError('--port takes a number from 0 to 65535');
  return Number(port);
}

const progressMilliseconds = 1_000;

/** Prints progress: the first line, then at most one a second. */
export function onceASecond(say: CommandInput['say']): CommandInput['say'] {
  let last = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (performance.now() - last < progressMilliseconds) return;
    last = performance.now();
    say(line);
  };
}
