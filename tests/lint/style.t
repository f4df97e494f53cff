#!/bin/sh
# SPDX-License-Identifier: MIT
# The part of the house style that a script can see.
. "${srcdir:?}/tests/lint/tap.sh"

parts="lib src python man dtrace tests bench examples fuzz completion m4"
# shellcheck disable=SC2086 # a list of directories
{
	c_files=$(files '*.[ch]' $parts)
	# The lines of tests/data/field are counted by their tests.
	py_files=$(files '*.py' $parts build-aux | grep -v ^tests/data/)
	sh_files="bootstrap $(files '*.t' tests/lint) tests/check-all"
	man_files=$(files '*.[1-8]' man)
	build_files="Makefile.am configure.ac $(files '*.am' $parts)
		$(files 'pmt_*.m4' m4)"
}
texts="$c_files $py_files $sh_files $man_files $build_files
	README.md HACKING.md NEWS $(files '*.md' doc)"

# shellcheck disable=SC2086 # lists of files without blanks in their names
{
no_faults "each source names its licence at the top" "$(
	for file in $c_files $py_files $sh_files $man_files; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
			echo "$file"
	done)"

no_faults "no blanks at the end of a line" "$(
	grep -n '[[:blank:]]$' $texts)"

no_faults "each file ends in one newline" "$(
	for file in $texts; do
		[ -s "$file" ] || continue
		[ "$(tail -c 1 "$file" | od -An -c | tr -d ' ')" = '\n' ] &&
			[ -n "$(tail -n 1 "$file")" ] || echo "$file"
	done)"

no_faults "C fits 80 columns" "$(
	for file in $c_files; do
		expand "$file" | LC_ALL=C.UTF-8 awk -v file="$file" '
			length > 80 { print file ":" NR ": " length }'
	done)"

no_faults "C is indented with tabs" "$(grep -n '^        ' $c_files)"

no_faults "Python is indented without tabs" "$(
	grep -n "$(printf '\t')" $py_files)"

no_faults "nothing is left to do later" "$(
	grep -nE '\bTO[D]O\b|\bXX[X]\b|\bFIXM[E]\b' $texts)"

no_faults "no code is switched off" "$(grep -nE '^#[[:blank:]]*if 0' $c_files)"

no_faults "no package registry is named" "$(
	grep -nE 'py[p]i\.org|pythonhoste[d]|debian\.or[g]|crates\.i[o]' $texts)"
}

no_faults "each source is in a Makemodule.am" "$(
	for file in $(files '*.[ch]' lib src python/ext tests) \
		$(files '*.py' python tests examples | grep -v ^tests/data/) \
		tests/lint/*.t fuzz/*.c bench/*.[cp]*; do
		[ -f "$file" ] || continue
		grep -qE "(^|[[:blank:]/])$file( |\$)" ./*/Makemodule.am ||
			echo "$file"
	done)"

no_faults "the tests that README names are those of CI" "$(
	grep -q '^cd .*exec ./bootstrap check$' .ci/run ||
		echo ".ci/run does not run ./bootstrap check"
	grep -q '^ *\./bootstrap check' README.md ||
		echo "README.md does not name ./bootstrap check")"

done_testing
