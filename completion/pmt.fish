# SPDX-License-Identifier: MIT
# Completion of fish for the programs of pmt.  Options are asked of --help, so
# that they are right for the version installed.

function __pmt_options
	set -l words (commandline -opc)
	command $words[1] --help 2>/dev/null | awk '
		/^ +(-., )?--[a-z]/ {
			match($0, /--[a-z][-a-z]*=?/)
			option = substr($0, RSTART, RLENGTH)
			text = substr($0, RSTART + RLENGTH)
			sub(/^[^ ]* +/, "", text)
			print option "\t" text
		}'
end

for program in pmt pmt-analyse pmt-heap pmt-process pmt-run pmt-top pmt-tree
	complete -c $program -a '(__pmt_options)' \
		-n 'string match -q -- "-*" (commandline -ct)'
end
