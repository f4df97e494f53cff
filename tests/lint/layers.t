#!/bin/sh
# SPDX-License-Identifier: MIT
# The arrows of the architecture: who may include whom, and who exports what.
. "${srcdir:?}/tests/lint/tap.sh"

# "FILE HEADER" of each include of that kind ('<' or '"') in a directory.
includes()
{
	grep -n "^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*$1" \
		"$2"/*.[ch] /dev/null |
		sed "s/^\([^:]*\):[0-9]*:.*include[[:blank:]]*[\"<]\([^\">]*\)[\">].*/\1 \2/"
}

# Quoted includes of DIRECTORY that are in none of the directories allowed.
strays()
{
	from=$1
	includes '"' "$from" | while read -r file header; do
		for directory; do
			[ ! -f "$directory/$header" ] || continue 2
		done
		echo "$file includes \"$header\""
	done
}

no_faults "lib includes lib" "$(strays lib)"
no_faults "src includes src and lib" "$(strays src lib)"
no_faults "python/ext includes python/ext and lib" "$(strays python/ext lib)"

no_faults "Python.h is included in python/ext only" "$(
	for directory in lib src tests/lib tests/src fuzz; do
		includes '[<"]' "$directory"
	done | grep -E ' (Python|structmember|frameobject|internal/.*)\.h$')"

# analyse_*.c are the parts of pmt-analyse, and so on; cli.h, cli_*.h serve all.
no_faults "no program includes a part of another one" "$(
	includes '"' src | while read -r file header; do
		[ -f "src/$header" ] || continue
		owner=${header%.h}
		owner=${owner%%_*}
		case ${file#src/}:$owner in
		*:cli | "$owner".* | "${owner}"_* | pmt-"$owner".c:*) ;;
		*) echo "$file includes $header" ;;
		esac
	done)"

no_faults "what differs between CPythons is in compat.h only" "$(
	grep -nE '^[[:blank:]]*#.*(PY_VERSION_HEX|PY_M..OR_VERSION)' \
		python/ext/*.[ch] |
		grep -v '^python/ext/compat\.h:')"

no_faults "every C file begins with config.h" "$(
	for file in lib/*.c src/*.c python/ext/*.c tests/*/*.c fuzz/*.c; do
		first=$(grep -m 1 '^#include' "$file")
		[ "$first" = '#include <config.h>' ] || echo "$file: $first"
	done)"

cd "${builddir:?}" || exit 1

no_faults "symbols of the library begin with pmt_" "$(
	nm -g --defined-only .libs/libpmtcore.a |
		awk 'NF == 3 && $3 !~ /^(pmt_|__asan_|__odr_asan)/ { print $3 }')"

no_faults "an extension exports its start alone" "$(
	for file in python/pmt/_pmt.*.so; do
		nm -D --defined-only "$file" | awk -v file="$file" '
			$3 !~ /^(PyInit__pmt$|__asan_|__odr_asan|_init$|_fini$)/ \
				{ print file ": " $3 }'
	done)"

done_testing
