#!/bin/sh
# SPDX-License-Identifier: MIT
# Every option that a program's --help tells of is in its manual page, and the
# completion offers it.
. "${srcdir:?}/tests/lint/tap.sh"

# LeakSanitizer traces the process as it ends, and one in thousands hangs then.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS

set --
for source in src/pmt.c src/*/pmt-*.c; do
	program=${source##*/}
	set -- "$@" "${builddir:?}/src/${program%.c}"
done

# What a shell would offer after "PROGRAM --".
offered()
{
	case $1 in
	bash) bash -c '. completion/pmt.bash &&
		COMP_WORDS=("$1" --) COMP_CWORD=1 && _pmt "$1" -- "$1" &&
		printf "%s\n" "${COMPREPLY[@]}"' - "$2" ;;
	# What the completion system calls, without a terminal.
	zsh) zsh -f -c 'PREFIX=-- words=($1 --)
		_describe() { eval "print -l -- \${$3%%:*}"; }
		_pmt() { source completion/_pmt; }; _pmt' - "$2" ;;
	fish)
		# shellcheck disable=SC2016 # fish is to expand it
		PATH=${2%/*}:$PATH fish --no-config -c '
		source completion/pmt.fish; complete -C "$argv[1] --"' \
			"${2##*/}" | cut -f 1 ;;
	esac
}

for program; do
	name=${program##*/}
	options=$("$program" --help | grep -oE '(^|[ ,])--[a-z][-a-z]*' |
		tr -d ' ,' | sort -u)

	no_faults "$name --help lists options" "$(
		for option in --help --version; do
			printf '%s\n' "$options" | grep -qx -e "$option" ||
				echo "no $option"
		done)"

	no_faults "$name --help fits 80 columns" "$(
		"$program" --help | awk 'length > 79')"

	no_faults "man/$name.1 tells of each option" "$(
		for option in $options; do
			grep -qE "Fl .*-${option#--}( |\$)" "man/$name.1" ||
				echo "$option"
		done)"

	no_faults "man/$name.1 tells of no others" "$(
		grep -oE '^\.It .*Fl -[a-z][-a-z]*' "man/$name.1" |
			grep -oE -e '-[a-z][-a-z]*' | while read -r option; do
			printf '%s\n' "$options" | grep -qx -e "-$option" ||
				echo "-$option"
		done)"

	for shell in bash zsh fish; do
		if ! command -v $shell >/dev/null; then
			echo "# no $shell here: its completion is not tried"
			continue
		fi
		no_faults "$shell offers the options of $name" "$(
			offered=$(offered $shell "$program")
			for option in $options; do
				printf '%s\n' "$offered" |
					grep -qx -e "$option=\{0,1\}" ||
					echo "$option"
			done)"
	done
done

# Programs that are used together are not to be told apart by their letters.
# pmt-run has four of its own: -c is that of python, and what it records with
# -a, -p and -t is no property of a process, as the columns of pmt-tree are.
no_faults "a letter stands for the same option in each program" "$(
	for program; do
		own=
		[ "${program##*/}" != pmt-run ] || own=acpt
		"$program" --help | sed -n "s/^  *-\([^-,${own}]\), --\([a-z][-a-z]*\).*/\1 \2/p;
			s/^  *-\([^-,${own}]\), -[^-], --\([a-z][-a-z]*\).*/\1 \2/p"
	done | sort -u | awk '$1 == letter { print "-" $1 ": " name ", " $2 }
		{ letter = $1; name = $2 }')"

done_testing
