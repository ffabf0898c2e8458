/** `oauth-apps`: finds a command by its name and runs it. */
import { parseArgs } from 'node:util';
import { audit } from './commands/audit.ts';
import { auditThin } from './commands/audit-thin.ts';
import { backup } from './commands/backup.ts';
import { type Command, UsageError } from './commands/command.ts';
import { docs } from './commands/docs.ts';
import { importCommand } from './commands/import.ts';
import { keysCheck } from './commands/keys-check.ts';
import { mock } from './commands/mock.ts';
import { restoreCommand } from './commands/restore.ts';
import { rotateKeys } from './commands/rotate-keys.ts';
import { serve } from './commands/serve.ts';
import { tokenCreate, tokenList, tokenRevoke } from './commands/token.ts';
import { verify } from './commands/verify.ts';
import { readConfig, readTokens } from './config.ts';
import { errorMessage } from './process/error-message.ts';
import { findPeerVersion as findVersion } from './process/package-files.ts';

/** Returns the install line for a command whose import of a peer failed; undefined for every other error. */
function installLine({ name, packages }: Command, error: unknown): string | undefined {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  if (code !== 'ERR_MODULE_NOT_FOUND' || !packages.some((needed) => message.includes(`'${needed}'`))) return undefined;
  const wanted = packages.map((needed) => `${needed}@${findVersion(needed)}`).join(' ');
  return `oauth-apps ${name} needs packages that are not installed. Install them with:\n\n  npm install --save-dev ${wanted}`;
}

const commands: readonly Command[] = [
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
  auditThin,
  audit,
];
const usageExitCode = 2;

const table = (rows: readonly (readonly [string, string])[]) => {
  const width = Math.max(0, ...rows.map(([term]) => term.length));
  return rows.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`).join('\n');
};

const overview = `Usage: oauth-apps <command> [options]

${table(commands.map(({ name, summary }) => [name, summary]))}

oauth-apps <command> --help shows its options. Settings such as DATABASE_URL come from the environment.`;

const helpOf = ({ name, summary, help }: Command) => `Usage: oauth-apps ${name} [options]

${summary}

${table([...help, ['--help', 'this text']])}`;

function findCommand(words: readonly string[]): { command: Command; rest: string[] } {
  for (const command of commands) {
    const length = command.name.split(' ').length;
    if (words.slice(0, length).join(' ') === command.name) return { command, rest: words.slice(length) };
  }
  throw new UsageError('there is no such command');
}

function parse({ options, argumentCount = 0, name }: Command, args: string[]) {
  const config = { args, options: { ...options, help: { type: 'boolean' as const } }, allowPositionals: true };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs(config);
  } catch {
    throw new UsageError(`an option is unknown or lacks its value; see oauth-apps ${name} --help`);
  }
  const isHelp = parsed.values.help === true;
  if (!isHelp && parsed.positionals.length !== argumentCount) {
    throw new UsageError(`${name} takes ${argumentCount} arguments; see oauth-apps ${name} --help`);
  }
  return { options: parsed.values as Record<string, string | boolean>, positionals: parsed.positionals, isHelp };
}

async function main(words: readonly string[]): Promise<number> {
  if (words.length === 0 || words[0] === '--help' || words[0] === 'help') {
    console.log(overview);
    return words.length === 0 ? usageExitCode : 0;
  }
  const { command, rest } = findCommand(words);
  const { options, positionals, isHelp } = parse(command, rest);
  if (isHelp) {
    console.log(helpOf(command));
    return 0;
  }
  const { port, host, workers } = options;
  const settings = {
    ...(port !== undefined && { PORT: String(port) }),
    ...(host !== undefined && { HOST: String(host) }),
    ...(workers !== undefined && { WORKERS: String(workers) }),
  };
  return command
    .run({ options, positionals, readConfig: () => readConfig(settings), readTokens, findVersion, say: console.log })
    .catch((error: unknown) => {
      const missing = installLine(command, error);
      if (missing === undefined) throw error;
      console.error(missing);
      return 1;
    });
}

// Node itself would print the whole error, with the values that it quotes.
process.on('uncaughtException', (error) => {
  console.error(errorMessage(error));
  process.exit(1);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `oauth-apps: ${error.message}\n\n${overview}` : errorMessage(error));
  process.exitCode = isUsage ? usageExitCode : 1;
}
