"""The completion script of each shell; each script runs `invokeai __complete` (see `shell_completion`)."""

from __future__ import annotations

from typing import Final

BASH: Final = r"""# completion of invokeai for bash
_invokeai() {
  local line word kind="" bar="" at=$COMP_CWORD words=("${COMP_WORDS[@]:1}")
  local glued="^(\\\\\||'\|'|\"\|\")(.+)$"  # bash asks only for a word that is not after a space and a bar
  COMPREPLY=()
  if [[ ${COMP_WORDS[COMP_CWORD]} =~ $glued ]]; then
    bar="${BASH_REMATCH[1]}"
    words=("${COMP_WORDS[@]:1:COMP_CWORD-1}" "$bar" "${BASH_REMATCH[2]}")
    bar+=" "
    at=$((COMP_CWORD + 1))
  fi
  while IFS= read -r line; do
    case "$line" in
      :*) kind="${line#:}" ;;
      *) word="${line%%$'\t'*}"; COMPREPLY+=("$bar$word") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "$at" "${words[@]}" 2>/dev/null)
  compopt +o nospace 2>/dev/null
  if [[ $kind ]]; then
    local current="${COMP_WORDS[COMP_CWORD]}" flag=-f only=()
    [[ $kind == directory ]] && flag=-d
    [[ $kind == file:* ]] && only=(-X "!${kind#file:}")
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
      compgen "$flag" "${only[@]}" -- "$current"
      [[ ${only[*]} ]] && compgen -d -- "$current"
    )
    if [[ ${#COMPREPLY[@]} == 0 ]]; then
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$flag" -- "$current")
    fi
    compopt -o filenames 2>/dev/null
  elif [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _invokeai invokeai
"""

ZSH: Final = r"""#compdef invokeai
# completion of invokeai for zsh
_invokeai() {
  local -a offers
  local line kind=""
  for line in ${(f)"$(${words[1]} __complete $((CURRENT - 1)) "${(@)words[2,-1]}" 2>/dev/null)"}; do
    if [[ $line == :* ]]; then
      kind=${line#:}
    else
      offers+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( $#offers )) && _describe 'invokeai' offers
  [[ $kind == file ]] && _files
  [[ $kind == file:* ]] && _files -g "${kind#file:}"
  [[ $kind == directory ]] && _files -/
  return 0
}
if [[ $funcstack[1] == _invokeai ]]; then _invokeai "$@"; else compdef _invokeai invokeai; fi
"""

FISH: Final = r"""# completion of invokeai for fish
function __invokeai_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in ($before[1] __complete (count $before) $before[2..-1] $current 2>/dev/null)
        switch $line
            case ':directory'
                __fish_complete_directories $current
            case ':file:*'
                __fish_complete_suffix (string sub -s 8 -- $line)
            case ':file'
                __fish_complete_path $current
            case '*'
                echo $line
        end
    end
end
complete -c invokeai -f -k -a '(__invokeai_complete)'
"""

POWERSHELL: Final = r"""# completion of invokeai for PowerShell
Register-ArgumentCompleter -Native -CommandName invokeai -ScriptBlock {
  param($current, $tree, $position)
  $elements = $tree.CommandElements | Where-Object { $_.Extent.StartOffset -lt $position }
  $words = @($elements | ForEach-Object { $_.ToString() })
  $before = @($words | Select-Object -Skip 1)
  if ($current) { $before = @($before | Select-Object -SkipLast 1) }
  & $words[0] __complete ($before.Count + 1) @before $current 2>$null | ForEach-Object {
    if ($_ -notlike ':*') {
      $word, $text = $_ -split "`t", 2
      if (-not $text) { $text = $word }
      [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $text)
    }
  }
}
"""

SCRIPTS: Final = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}

# where each shell looks for its script, relative to the home folder, and what the user has to do next
PLACES: Final = {
    "bash": (".local/share/bash-completion/completions/invokeai", "Open a new shell."),
    "zsh": (".zfunc/_invokeai", "Put `fpath+=~/.zfunc; autoload -Uz compinit; compinit` into ~/.zshrc."),
    "fish": (".config/fish/completions/invokeai.fish", "Open a new shell."),
    "powershell": (".config/powershell/invokeai.ps1", "Put `. ~/.config/powershell/invokeai.ps1` into your profile."),
}
