# SPDX-License-Identifier: MIT
# Makes the lines of a page an array in C.  A line @STYLE@ or @SCRIPT@ stands
# for a file, which style= and script= name.

function put(line)
{
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\"", line)
	gsub(/\?/, "\\?", line)
	printf "\t\"%s\\n\",\n", line
}

function put_file(name,    line, status)
{
	while ((status = (getline line < name)) > 0)
		put(line)
	if (status < 0)
		exit 1
}

BEGIN { print "static const char *const page_lines[] = {" }
/^@STYLE@$/ { put_file(style); next }
/^@SCRIPT@$/ { put_file(script); next }
{ put($0) }
END { print "};" }
