/**
 * The completion scripts. They know nothing of commands and flags: each asks the
 * program, so an installed script never goes out of date.
 *
 * @module
 */

/**
 * Bash splits words at `=` and `:`, so the words are put together again from the
 * line. A completion replaces only what follows the last split.
 */
const BASH = `# bash completion for ai-claude
_ai_claude() {
  local line=\${COMP_LINE:0:COMP_POINT} words=() count=0 index=0 word kind cut
  while ((index < COMP_CWORD)); do
    word=\${COMP_WORDS[index]}
    if ((count == 0)) || [[ $line == [[:blank:]]* ]]; then
      words[count++]=$word
    else
      words[count - 1]+=$word
    fi
    line=\${line#"\${line%%[![:blank:]]*}"}
    line=\${line#"$word"}
    ((index += 1))
  done
  if [[ $line == [[:blank:]]* ]]; then
    words[count++]=\${line#"\${line%%[![:blank:]]*}"}
  else
    words[count - 1]+=$line
  fi
  cut=\${words[count - 1]}
  cut=\${cut%"$2"}
  COMPREPLY=()
  {
    read -r kind
    while IFS= read -r word; do
      [[ $word == "$cut"* ]] && COMPREPLY+=("\${word#"$cut"}")
    done
  } < <(ai-claude __complete bash -- "\${words[@]:1}" 2>/dev/null </dev/null)
  case $kind in
    files) compopt -o default 2>/dev/null ;;
    dirs) compopt -o dirnames 2>/dev/null ;;
  esac
}
# Bash 3 cannot choose within the function: there, files are the last resort.
complete $(type compopt >/dev/null 2>&1 || echo -o default) -F _ai_claude ai-claude
`;

const ZSH = `#compdef ai-claude
_ai-claude() {
  local -a answer
  answer=("\${(@f)$(ai-claude __complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null </dev/null)}")
  [[ $PREFIX == -*=* ]] && compset -P 1 '*='
  case $answer[1] in
    files) _files ;;
    dirs) _files -/ ;;
    words)
      shift answer
      _describe -t values 'ai-claude' answer
      ;;
  esac
}
# As a file in $fpath it is called; sourced, it is registered.
case $funcstack[1] in
  _ai-claude) _ai-claude "$@" ;;
  *) compdef _ai-claude ai-claude ;;
esac
`;

const FISH = `# fish completion for ai-claude
function __ai_claude_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer (ai-claude __complete fish -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    set -l value (string replace -r -- '^-[^=]*=' '' "$current")
    set -l head (string replace -- "$value" '' "$current")
    switch "$answer[1]"
        case files
            __fish_complete_path "$value" | string replace -r -- '^' "$head"
        case dirs
            __fish_complete_directories "$value" | string replace -r -- '^' "$head"
        case words
            for line in $answer[2..-1]
                printf '%s\\n' $line
            end
    end
end
complete -c ai-claude -f -a '(__ai_claude_complete)'
`;

/** The scripts, by shell. */
export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;

/** A shell with a script. */
export type Shell = keyof typeof SCRIPTS;

/** Whether a shell has a script. */
export function isShell(name: string): name is Shell {
  return Object.hasOwn(SCRIPTS, name);
}
