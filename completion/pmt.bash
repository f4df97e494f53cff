# SPDX-License-Identifier: MIT
# Completion for the programs of pmt.  Options are asked of --help, so that
# they are right for the version installed.

_pmt()
{
	local program=$1 word=$2 options

	COMPREPLY=()
	[[ $word == -* ]] || return 0
	options=$("$program" --help 2>/dev/null |
		grep -oE '(^|[ ,])--[a-z][-a-z]*=?' | tr -d ' ,')
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
	# The argument follows the equals sign without a blank.
	if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace
	fi
}

complete -o bashdefault -o default -F _pmt \
	pmt pmt-analyse pmt-heap pmt-process pmt-run pmt-top pmt-tree
