#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual pages are sound mdoc and have the sections that readers expect.
. "${srcdir:?}/tests/lint/tap.sh"

command -v mandoc >/dev/null || skip_all "no mandoc here"

for page in man/*.[1-8]; do
	no_faults "$page has no warnings" \
		"$(mandoc -T lint -W warning "$page" 2>&1)"
	sections="NAME DESCRIPTION EXAMPLES"
	case $page in *.1) sections="$sections EXIT_STATUS" ;; esac
	no_faults "$page has its sections" "$(
		for section in $sections SEE_ALSO; do
			grep -qx "\.Sh $(echo "$section" | tr _ ' ')" "$page" ||
				echo "no $section"
		done)"
done

version=$(sed -n 's/^AC_INIT(\[pmt\], \[\(.*\)\])$/\1/p' configure.ac)
no_faults "each page names this version in its footer" "$(
	grep -Lx "\.Os pmt $version" man/*.[1-8])"

no_faults "each page referred to exists" "$(
	grep -hoE '^\.Xr (pmt|libpmt)[^ ]* [1-8]' man/*.[1-8] |
		sort -u | while read -r _ name section; do
			[ -f "man/$name.$section" ] || echo "$name($section)"
		done)"

done_testing
