#!/bin/sh
# SPDX-License-Identifier: MIT
# The arrows of the architecture: who may include whom, and who exports what.
. "${srcdir:?}/tests/lint/tap.sh"

# "FILE HEADER" of each include of that kind ('<' or '"') in all files below
# DIRECTORY, the files as they are named from the top.
includes()
{
	grep -rn "^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*$1" \
		--include='*.[ch]' "$2" |
		sed "s/^\([^:]*\):[0-9]*:.*include[[:blank:]]*[\"<]\([^\">]*\)[\">].*/\1 \2/"
}

# Quoted includes in DIRECTORY of headers that are below none of the roots.
strays()
{
	from=$1
	includes '"' "$from" | while read -r file header; do
		for root; do
			[ ! -f "$root/$header" ] || continue 2
		done
		echo "$file includes \"$header\""
	done
}

# A header is named from the root of its tree: "log/row.h", "cli/cli.h".
no_faults "lib includes lib" "$(
	strays lib | grep -v '^lib/proc/rss\.h includes "\.\./base/common\.h"$')"
no_faults "src includes src and lib" "$(strays src lib)"
no_faults "python/ext includes python/ext and lib" "$(strays python/ext lib)"

no_faults "Python.h is included in python/ext only" "$(
	for directory in lib src tests/lib tests/src fuzz; do
		includes '[<"]' "$directory"
	done | grep -E ' (Python|structmember|frameobject|internal/.*)\.h$')"

# src/NAME are the parts of pmt-NAME; src/cli serves all programs.
no_faults "no program includes a part of another one" "$(
	includes '"' src | while read -r file header; do
		[ -f "src/$header" ] || continue
		program=${file#src/}
		case ${header%%/*} in
		cli | "${program%%/*}") ;;
		*) echo "$file includes $header" ;;
		esac
	done)"

# base < proc, log < sample < write, read < books < report
no_faults "rooms of lib include lower ones only" "$(
	includes '"' lib | awk '
	BEGIN {
		rank["base"] = 1
		rank["proc"] = rank["log"] = 2
		rank["sample"] = 3
		rank["write"] = rank["read"] = 4
		rank["books"] = 5
		rank["report"] = 6
	}
	{
		split($1, from, "/")
		split($2, to, "/")
		if (from[2] != to[1] && from[2] in rank &&
		    !(rank[to[1]] < rank[from[2]]))
			print $1 " includes " $2
	}')"

# x.c and x.h are one module, known by its path below its root.
circles()
{
	includes '"' "$1" | sed "s:^$1/::; s:\.[ch]\>::g" |
		sort -u | { tsort >/dev/null; } 2>&1
}

no_faults "no circle of includes in lib" "$(circles lib)"

no_faults "what differs between CPythons is in compat.h only" "$(
	grep -rnE '^[[:blank:]]*#.*(PY_VERSION_HEX|PY_M..OR_VERSION)' \
		--include='*.[ch]' python/ext |
		grep -v '^python/ext/module/compat\.h:')"

no_faults "every C file begins with config.h" "$(
	for file in $(files '*.c' lib src python/ext tests fuzz); do
		first=$(grep -m 1 '^#include' "$file")
		[ "$first" = '#include <config.h>' ] || echo "$file: $first"
	done)"

cd "${builddir:?}" || exit 1

no_faults "symbols of the library begin with pmt_" "$(
	nm -g --defined-only .libs/libpmtcore.a |
		awk 'NF == 3 && $3 !~ /^(pmt_|__asan_|__odr_asan)/ { print $3 }')"

# Who defines a symbol, and who needs it.
no_faults "no circle of calls in lib" "$(
	nm -A -g .libs/libpmtcore.a | awk '
	{ split($1, at, ":"); symbol = $NF; object = at[2] }
	$(NF - 1) == "U" { needs[object, symbol] = object; next }
	{ owner[symbol] = object }
	END {
		for (pair in needs) {
			split(pair, part, SUBSEP)
			if (part[2] in owner)
				print needs[pair], owner[part[2]]
		}
	}' | { tsort >/dev/null; } 2>&1)"

no_faults "an extension exports its start alone" "$(
	for file in python/pmt/_pmt.*.so; do
		nm -D --defined-only "$file" | awk -v file="$file" '
			$3 !~ /^(PyInit__pmt$|__asan_|__odr_asan|_init$|_fini$)/ \
				{ print file ": " $3 }'
	done)"

done_testing
