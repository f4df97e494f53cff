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
# The build makes page.inc.
no_faults "src includes src and lib" "$(
	strays src lib | grep -v ' includes "analyse/html/page\.inc"$')"
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

# "FILE includes HEADER" of what goes up or sideways between the rooms of a
# ROOT, which follow as "1 LOWEST 2 NEXT ALSO-NEXT 3 ...".
climbs()
{
	root=$1
	shift
	includes '"' "$root" | awk -v root="$root/" -v order="$*" '
	BEGIN {
		for (n = split(order, word, " "); i++ < n;)
			if (word[i] ~ /^[0-9]/)
				height = word[i]
			else
				rank[word[i]] = height
	}
	{
		from = substr($1, length(root) + 1)
		sub("/.*", "", from)
		to = $2
		sub("/.*", "", to)
		if (from != to && from in rank && to in rank &&
		    rank[to] >= rank[from])
			print $1 " includes " $2
	}'
}

no_faults "rooms of lib include lower ones only" "$(
	climbs lib 1 base 2 proc log attach 3 sample 4 write alloc read 5 books heap 6 report)"
no_faults "rooms of python/ext include lower ones only" "$(
	climbs python/ext 1 module 2 tracelog 3 ref profile heap layout)"
no_faults "no model of pmt-analyse includes a view" "$(
	includes '"' src/analyse | grep ' analyse/show' |
		grep -Ev '^src/analyse/(show|pmt-analyse\.c)')"

# x.c and x.h are one module, known by its path below its root.
circles()
{
	includes '"' "$1" | sed "s:^$1/::; s:\.[ch]\>::g" |
		sort -u | { tsort >/dev/null; } 2>&1
}

for root in lib src python/ext; do
	no_faults "no circle of includes in $root" "$(circles $root)"
done

no_faults "what differs between CPythons is in compat*.h and layout.c only" "$(
	grep -rnE '^[[:blank:]]*#.*(PY_VERSION_HEX|PY_M..OR_VERSION)' \
		--include='*.[ch]' python/ext |
		grep -vE '^python/ext/(module/compat[_a-z]*\.h|layout/layout\.c):')"

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
