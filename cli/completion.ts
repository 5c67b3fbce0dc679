/**
 * `roost completion`: scripts by which a shell completes the words of `roost`. They ask the program for
 * its subcommands and options, so they never know less than it.
 *
 * @module
 */
import { describeStatuses, ownStatuses } from "./exit_statuses.ts";
import { commonOptions, describeOptions, type Manual, usageText } from "./manual.ts";
import { subcommands } from "./subcommands.ts";

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["bash|zsh|fish"],
  about: "Prints what the shell needs to complete subcommands, options and names of files.",
  options: describeOptions({ help: commonOptions.help }),
  statuses: describeStatuses(ownStatuses),
};

const usage = `${usageText("roost completion", manual)}

  bash   roost completion bash > /etc/bash_completion.d/roost
         or, in ~/.bashrc:  eval "$(roost completion bash)"
  zsh    in ~/.zshrc, after compinit:  eval "$(roost completion zsh)"
  fish   roost completion fish > ~/.config/fish/completions/roost.fish`;

const names = subcommands.map(({ name }) => name).join(" ");
const optionsOf = (word: string): string =>
  `roost help ${word} 2>/dev/null | grep -oE -e '--[a-z][a-z-]*' | sort -u`;

/** Scripts by shell. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_roost() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ] || { [ "$COMP_CWORD" = 2 ] && [ "\${COMP_WORDS[1]}" = help ]; }; then
    COMPREPLY=($(compgen -W "${names} help version" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$(${optionsOf('"${COMP_WORDS[1]}"')})" -- "$word"))
  fi
}
complete -o bashdefault -o default -F _roost roost`,
  zsh: `_roost() {
  if (( CURRENT == 2 )) || { (( CURRENT == 3 )) && [[ $words[2] == help ]]; }; then
    compadd -- ${names} help version
  elif [[ $words[CURRENT] == -* ]]; then
    compadd -- \${(f)"$(${optionsOf('"$words[2]"')})"}
  else
    _files
  fi
}
compdef _roost roost`,
  fish: [
    `complete -c roost -n "__fish_is_nth_token 1" -f -a "${names} help version"`,
    ...subcommands.map(({ name }) =>
      `complete -c roost -n "__fish_seen_subcommand_from ${name}" -a "(${optionsOf(name)})"`
    ),
  ].join("\n"),
};

/** Runs the subcommand; the result is the exit status. */
export function main(args: readonly string[]): Promise<number> {
  const [shell = ""] = args;
  const script = args.length === 1 ? scripts[shell] : undefined;
  const isHelp = args.includes("--help") || args.includes("-h");
  if (script !== undefined || isHelp) console.log(script ?? usage);
  else console.error(usage);
  return Promise.resolve(script !== undefined || isHelp ? 0 : ownStatuses.badCommandLine);
}
