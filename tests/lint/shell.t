#!/bin/sh
# SPDX-License-Identifier: MIT
# The scripts are clean in the eyes of shellcheck.
. "${srcdir:?}/tests/lint/tap.sh"

command -v shellcheck >/dev/null || skip_all "no shellcheck here"

for script in bootstrap .ci/run tests/check-all examples/demo fuzz/run \
	tests/lint/tap.sh tests/lint/*.t tests/support/*.t; do
	no_faults "$script" "$(shellcheck -f gcc -e SC1091 "$script" 2>&1)"
done
no_faults completion/pmt.bash \
	"$(shellcheck -f gcc -s bash completion/pmt.bash 2>&1)"

done_testing
