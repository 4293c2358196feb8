#include "cli-plugin/help/completion_scripts.h"

namespace orrery::cli {
namespace {

// Bash breaks words at `=`, `:` and `@`, so the word is taken from the line,
// and what stands before the last break is cut off the candidates.
constexpr char kBash[] = R"sh(# bash completion for orrery
_orrery() {
  local line="${COMP_LINE:0:COMP_POINT}" current="${COMP_WORDS[COMP_CWORD]}"
  local words word before candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word="${words[-1]}"
  case "$current" in
    = | : | @ | '') before="$word" ;;
    *) before="${word%"$current"}" ;;
  esac
  COMPREPLY=()
  while IFS= read -r candidate; do
    case "$candidate" in
      :files) compopt -o default 2>/dev/null ;;
      :directories) compopt -o dirnames 2>/dev/null ;;
      *)
        candidate="${candidate%%$'\t'*}"
        COMPREPLY+=("${candidate#"$before"}")
        ;;
    esac
  done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _orrery orrery
)sh";

constexpr char kZsh[] = R"sh(#compdef orrery
_orrery() {
  local line candidate description
  local -a candidates
  local files=0 directories=0
  while IFS= read -r line; do
    case "$line" in
      :files) files=1 ;;
      :directories) directories=1 ;;
      *)
        candidate="${line%%$'\t'*}"
        description="${line#*$'\t'}"
        candidates+=("${candidate//:/\\:}${description:+:$description}")
        ;;
    esac
  done < <("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( ${#candidates} )) && _describe -V orrery candidates
  (( files )) && _files
  (( directories )) && _files -/
  return 0
}
if [ "$funcstack[1]" = "_orrery" ]; then
  _orrery "$@"
else
  compdef _orrery orrery
fi
)sh";

constexpr char kFish[] = R"sh(# fish completion for orrery
function __orrery_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':directories'
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c orrery -f -k -a '(__orrery_complete)'
)sh";

}  // namespace

absl::string_view CompletionScript(absl::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

}  // namespace orrery::cli
