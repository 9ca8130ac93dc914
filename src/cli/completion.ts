import type { Argument, Command, Option } from "commander";

export const SHELLS: readonly ["bash", "zsh", "fish"] = Object.freeze(["bash", "zsh", "fish"]);
export type Shell = (typeof SHELLS)[number];

/** A script that teaches a shell the commands, their flags and the values those have; made from the commands themselves. */
export function completionScript(shell: Shell, program: Command): string {
  const words = wordsOf(program);
  switch (shell) {
    case "bash":
      return bashScript(words);
    case "zsh":
      // Its own emulation of what bash has.
      return `#compdef headgate\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}${ZSH_FIRST}`;
    case "fish":
      return fishScript(words);
    default:
      return shell satisfies never;
  }
}

/** Read by way of `fpath`, it is read when Tab is pressed first, and is to complete at once. */
const ZSH_FIRST = '[[ "$funcstack[1]" == _headgate ]] && _bash_complete -o default -F _headgate\n';

/** What may follow a command. `path` is empty for the program, `key create` for a command of a family. */
interface Words {
  readonly path: string;
  readonly commands: readonly Word[];
  readonly flags: readonly (Word & { readonly values: readonly string[]; readonly takesValue: boolean })[];
  /** Of its first argument. */
  readonly values: readonly string[];
}

interface Word {
  readonly name: string;
  readonly text: string;
}

function wordsOf(command: Command, path = ""): readonly Words[] {
  // Without a command it is `serve` that is meant.
  const unnamed = path === "" ? command.commands.filter((each) => each.name() === "serve") : [];
  const own: Words = {
    path,
    commands: command.commands.map((each) => ({ name: each.name(), text: each.description() })),
    flags: [command, ...unnamed].flatMap(({ options }) => options.flatMap(flagsOf)),
    values: choicesOf(command.registeredArguments[0]),
  };
  return [
    own,
    ...command.commands.flatMap((each) =>
      wordsOf(each, path === "" ? each.name() : `${path} ${each.name()}`),
    ),
  ];
}

function flagsOf(option: Option): Words["flags"] {
  const names = [option.short, option.long].filter((name) => typeof name === "string");
  const takesValue = option.required || option.optional;
  return names.map((name) => ({ name, text: option.description, values: choicesOf(option), takesValue }));
}

function choicesOf(choosing: Argument | Option | undefined): readonly string[] {
  return choosing?.argChoices ?? [];
}

function bashScript(words: readonly Words[]): string {
  const known = words.map(({ path }) => path).filter((path) => path !== "");
  return `_headgate() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    case "$word" in
      ${alternatives(known)}) path="$word" ;;
    esac
  done
  case "$path $prev" in
${valueCases(words).join("\n")}
  esac
  case "$path" in
${words.map(({ path, ...offered }) => `    "${path}") ${offer(namesOf(offered))} ;;`).join("\n")}
  esac
}
complete -o default -F _headgate headgate
`;
}

/** After a flag: its values, where they are known; else what the shell offers anyway, such as files. */
function valueCases(words: readonly Words[]): readonly string[] {
  const flags = words.flatMap(({ path, flags }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .map(({ name, values }) => ({ after: `${path} ${name}`, values })),
  );
  const open = flags.filter(({ values }) => values.length === 0).map(({ after }) => after);
  const closed = flags.filter(({ values }) => values.length > 0);
  return [
    ...closed.map(({ after, values }) => `    "${after}") ${offer(values)}; return ;;`),
    `    ${alternatives(open)}) return ;;`,
  ];
}

function namesOf({ commands, flags, values }: Omit<Words, "path">): readonly string[] {
  return [...commands.map(({ name }) => name), ...values, ...flags.map(({ name }) => name)];
}

function alternatives(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(" | ");
}

function offer(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur"))`;
}

function fishScript(words: readonly Words[]): string {
  const lines = words.flatMap(({ path, commands, flags, values }) => {
    const seen = path.split(" ").filter((name) => name !== "");
    const condition =
      seen.length === 0
        ? "__fish_use_subcommand"
        : seen.map((name) => `__fish_seen_subcommand_from ${name}`).join("; and ");
    const siblings = commands.map(({ name }) => name).join(" ");
    const unchosen =
      seen.length === 0 ? condition : `${condition}; and not __fish_seen_subcommand_from ${siblings}`;
    return [
      ...commands.map(
        ({ name, text }) => `complete -c headgate -f -n '${unchosen}' -a ${name} -d ${quoted(text)}`,
      ),
      ...flags.map(({ name, text, values: known, takesValue }) => {
        const flag = name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
        const value = known.length > 0 ? ` -x -a '${known.join(" ")}'` : takesValue ? " -r" : "";
        return `complete -c headgate -n '${condition}' ${flag}${value} -d ${quoted(text)}`;
      }),
      ...(values.length === 0 ? [] : [`complete -c headgate -f -n '${condition}' -a '${values.join(" ")}'`]),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
