# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What the lint tests share: each check looks for faults and is fine if it
# finds none.  Sourced with srcdir set by the harness.

cd "${srcdir:?}" || exit 1
tap_count=0

# no_faults DESCRIPTION FAULTS: FAULTS is text, one fault a line.
no_faults()
{
	tap_count=$((tap_count + 1))
	if [ -z "$2" ]; then
		echo "ok $tap_count - $1"
	else
		echo "not ok $tap_count - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

done_testing()
{
	echo "1..$tap_count"
}

# Files of the project below the directories given that match a glob.  Build
# folders may lie anywhere else.
files()
{
	glob=$1
	shift
	for directory; do
		[ -d "$directory" ] &&
			find "$directory" -name "$glob" -type f -print
	done | sort
}
