/** The program `oauth-apps`: describes the commands to Commander, and runs the one that its arguments name. */
import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { CommanderError, type HelpConfiguration, type OutputConfiguration, Command as Program } from 'commander';
import { readConfig, readTokens } from '../config.ts';
import { errorMessage } from '../process/error-message.ts';
import { findFile, findPeerVersion as findVersion } from '../process/package-files.ts';
import { audit } from './audit.ts';
import { backup } from './backup.ts';
import { type Command, type CommandInput, RequirementError, type Row, UsageError } from './command.ts';
import { completion } from './completion.ts';
import { docs } from './docs.ts';
import { importCommand } from './import.ts';
import { keysCheck } from './keys-check.ts';
import { mock } from './mock.ts';
import { checkNode, checkPackages } from './requirements.ts';
import { restoreCommand } from './restore.ts';
import { rotateKeys } from './rotate-keys.ts';
import { serve } from './serve.ts';
import { thinAudit } from './thin-audit.ts';
import { tokenCreate, tokenList, tokenRevoke } from './token.ts';
import { verify } from './verify.ts';

const ownCommands: readonly Command[] = [
  serve,
  mock,
  docs,
  verify,
  tokenCreate,
  tokenList,
  tokenRevoke,
  rotateKeys,
  keysCheck,
  backup,
  restoreCommand,
  importCommand,
  audit,
  thinAudit,
];
const commands = [...ownCommands, completion(ownCommands)];
/** Exit code of a command that did not run. */
const notRun = 2;
const manifest = JSON.parse(readFileSync(findFile('package.json'), 'utf8'));

const fullName = (program: Program): string =>
  program.parent?.parent ? `${program.parent.name()} ${program.name()}` : program.name();

const help: HelpConfiguration = {
  visibleCommands: (program) =>
    program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command])),
  subcommandTerm: fullName,
  styleTitle: (title) => styleText('bold', title),
};
// The text is printed as one piece. It is wrapped for a terminal only.
const output: OutputConfiguration = {
  writeOut: (text) => console.log(text.trimEnd()),
  writeErr: () => {},
  getOutHelpWidth: () => (process.stdout.isTTY ? process.stdout.columns : Number.MAX_SAFE_INTEGER),
};

/** Returns a message for an unusable argument. It repeats the name of an option, but no value. */
function describeUnusable(error: CommanderError, program: Program): string {
  const [, option = 'this option'] = /'(--?[a-z][\w-]*)/i.exec(error.message) ?? [];
  const [hint = ''] = /\(Did you mean .*\)/.exec(error.message) ?? [];
  const { length } = program.registeredArguments;
  switch (error.code) {
    case 'commander.unknownCommand':
    case 'commander.help':
      return ['there is no such command', hint].filter(Boolean).join(' ');
    case 'commander.unknownOption':
      return ['there is no option', option, hint].filter(Boolean).join(' ');
    case 'commander.optionMissingArgument':
      return `${option} takes a value`;
    default:
      return `${fullName(program)} takes ${length} argument${length === 1 ? '' : 's'}`;
  }
}

/** Applies the settings that every command shares. Unusable arguments become `UsageError`. */
function configure(program: Program): Program {
  return program
    .configureHelp(help)
    .configureOutput(output)
    .helpOption('-h, --help', 'this text')
    .exitOverride((error) => {
      if (error.exitCode === 0) throw error;
      const where = program.parent ? `; see oauth-apps ${fullName(program)} --help` : '';
      throw new UsageError(describeUnusable(error, program) + where);
    });
}

/** Prints a row: its values with tabs between them or, with `--json`, as a line of JSON. */
function printRow(row: Row, isJson: boolean): void {
  const values = Object.values(row).map((value) => (Array.isArray(value) ? value.join(',') : value) || '-');
  console.log(isJson ? JSON.stringify(row) : values.join('\t'));
}

/** Checks what the command needs, and runs it. Returns its exit code. */
async function run(command: Command, program: Program): Promise<number> {
  const options: CommandInput['options'] = Object.fromEntries(
    program.options.map((option) => [option.name(), program.getOptionValue(option.attributeName())]),
  );
  const named = { PORT: options.port, HOST: options.host, WORKERS: options.workers };
  const settings = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
  const input: CommandInput = {
    options,
    positionals: program.args,
    readConfig: () => readConfig(Object.fromEntries(settings)),
    readTokens,
    findVersion,
    say: console.log,
    sayRow: (row) => printRow(row, options.json === true),
  };
  checkNode(command);
  checkPackages(command, input);
  return command.run(input);
}

/** Returns the lines below the options in the help of a command. */
function renderNotes({ examples = [], exitCodes = { 0: 'done', 1: 'failed', 2: 'not run' } }: Command): string {
  const codes = Object.entries(exitCodes).map(([code, meaning]) => `  ${code}  ${meaning}`);
  const lines = examples.map((example) => `  $ oauth-apps ${example}`);
  return ['', 'Examples:', ...lines, '', 'Exit codes:', ...codes].slice(examples.length > 0 ? 0 : 2).join('\n');
}

/** Joins the values of an option that is given several times. */
const joinValues = (value: string, earlier?: string) => (earlier === undefined ? value : `${earlier}\n${value}`);

/** Describes a command to Commander. `setExitCode` gets its exit code when it has run. */
function addCommand(root: Program, command: Command, setExitCode: (code: number) => void): void {
  const words = command.name.split(' ');
  const [name = '', group] = words.reverse();
  const parent = root.commands.find((other) => other.name() === group) ?? (group ? root.command(group) : root);
  const program = configure(parent).command(name).description(command.summary);
  for (const [term, meaning] of command.help) {
    const flags = term.replace(/ (.+)$/, ' <$1>');
    const [, option = ''] = /^--([\w-]+)/.exec(term) ?? [];
    if (/^[<[]/.test(term)) program.argument(term, meaning);
    else if (command.repeatable?.includes(option)) program.option(flags, meaning, joinValues);
    else program.option(flags, meaning);
  }
  configure(program)
    .addHelpText('after', renderNotes(command))
    .action(async () => setExitCode(await run(command, program)));
}

/** Runs the command that the words name, with the environment of this process. Returns its exit code. */
export async function runWords(words: readonly string[]): Promise<number> {
  let exitCode = 0;
  const root = configure(new Program('oauth-apps'))
    .usage('<command> [options]')
    .version(manifest.version, '-v, --version', 'the version of this package')
    .description('Settings such as DATABASE_URL come from the environment.');
  for (const command of commands) {
    addCommand(root, command, (code) => {
      exitCode = code;
    });
  }
  if (words.length === 0) {
    root.outputHelp();
    return notRun;
  }
  try {
    await root.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return 0;
    if (error instanceof UsageError) console.error(`oauth-apps: ${error.message}\n\n${root.helpInformation()}`);
    else console.error(error instanceof RequirementError ? error.message : errorMessage(error));
    const isNotRun = error instanceof UsageError || error instanceof RequirementError;
    return isNotRun ? notRun : (commands.find(({ name }) => words.join(' ').startsWith(name))?.failureCode ?? 1);
  }
}
