import { type Command, UsageError } from './command.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** Returns the options of a command, such as `--port`. */
const optionsOf = ({ help }: Command) =>
  help.flatMap(([term]) => (term.startsWith('-') ? [term.split(' ')[0] ?? ''] : []));

/** Lists the words that may follow other words: `token` → `create`, `list`, `revoke`. Longer beginnings come first. */
function listWords(commands: readonly Command[]): [beginning: string, words: string[]][] {
  const words = new Map<string, string[]>();
  const add = (beginning: string, word: string) => {
    const known = words.get(beginning) ?? [];
    if (!known.includes(word)) words.set(beginning, [...known, word]);
  };
  for (const command of commands) {
    const names = command.name.split(' ');
    names.forEach((name, index) => {
      add(names.slice(0, index).join(' '), name);
    });
    for (const option of [...optionsOf(command), '--help']) add(command.name, option);
  }
  return [...words].sort(([one], [other]) => other.length - one.length);
}

function renderBash(commands: readonly Command[]): string {
  const cases = listWords(commands).map(([beginning, words]) => `    '${beginning}'*) words='${words.join(' ')}' ;;`);
  return `_oauth_apps() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[*]:1:COMP_CWORD-1}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _oauth_apps oauth-apps`;
}

function renderFish(commands: readonly Command[]): string {
  const quote = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
  const conditionOf = (beginning: string) =>
    beginning === ''
      ? '__fish_use_subcommand'
      : `string match -q -- ${quote(`oauth-apps ${beginning} *`)} (commandline)`;
  const lines = listWords(commands).map(([beginning, words]) => {
    const list = quote(words.join(' '));
    return `complete -c oauth-apps -f -n ${quote(conditionOf(beginning))} -a ${list}`;
  });
  return lines.join('\n');
}

/** Makes the command that prints the completion of commands and options. */
export const completion = (commands: readonly Command[]): Command => ({
  name: 'completion',
  summary: 'Prints the completion of commands and options for a shell.',
  packages: [],
  help: [['<shell>', `the shell: ${shells.join(', ')}`]],
  examples: ['completion bash >> ~/.bashrc', 'completion fish > ~/.config/fish/completions/oauth-apps.fish'],
  async run({ positionals: [shell], say }) {
    if (!shells.some((one) => one === shell)) throw new UsageError(`completion takes one of ${shells.join(', ')}`);
    if (shell === 'zsh') say('autoload -U +X bashcompinit && bashcompinit');
    say(shell === 'fish' ? renderFish(commands) : renderBash(commands));
    return 0;
  },
});
