# SPDX-License-Identifier: MIT
# Makes the lines of a page an array in C.  A line @NAME.css@ or @NAME.js@
# stands for the file of that name in directory=.

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
/^@[a-z]+\.(css|js)@$/ {
	put_file(directory "/" substr($0, 2, length - 2))
	next
}
{ put($0) }
END { print "};" }
