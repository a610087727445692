import { Argument, Command } from 'commander';
import type { CommandTable } from '../command-entry.js';

/**
 * `mianzheng completion bash|zsh`: a script for the shell, of all commands and their options as
 * they are in this release.
 */
export function register(program: Command, all: CommandTable): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .action(async (shell: 'bash' | 'zsh') => {
      const script = await scriptOf(all);
      process.stdout.write(
        shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script,
      );
    });
}

async function scriptOf(all: CommandTable): Promise<string> {
  const following = new Map<string, Set<string>>([['', new Set(['--help', '--version'])]]);
  const add = (path: string, word: string) => {
    const words = following.get(path) ?? new Set();
    following.set(path, words.add(word));
  };
  for (const [name, { load }] of Object.entries(all)) {
    const program = new Command();
    (await load()).register(program, all);
    let command = program;
    let path = '';
    for (const word of name.split(' ')) {
      add(path, word);
      path = path === '' ? word : `${path} ${word}`;
      command = command.commands.find((one) => one.name() === word) ?? command;
    }
    for (const { long } of command.options) if (long != null) add(path, long);
    for (const long of ['--json', '--quiet', '--help']) add(path, long);
  }
  const cases = [...following].map(
    ([path, words]) => `    '${path}') words='${[...words].join(' ')}' ;;`,
  );
  return `# mianzheng completion: bash, and zsh by bashcompinit
_mianzheng() {
  local words='' path='' word current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) [ "$(wc -w <<<"$path")" -lt 2 ] && path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${cases.join('\n').replaceAll(/^ {4}/gm, '      ')}
      *) words='' ;;
    esac
    [ -n "$words" ] || [ "$path" = "\${path% *}" ] && break
    path="\${path% *}"
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _mianzheng mianzheng
`;
}
