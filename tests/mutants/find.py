# SPDX-License-Identifier: MIT
"""Which small faults could a C file have?"""
import collections
import re

Mutant = collections.namedtuple("Mutant", "path line kind start end text")

TOKEN = re.compile(r"""
    (?P<skip> /\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
        | ^[ \t]*\#(?:\\\n|[^\n])* | _Static_assert[^;]*;
        | __attribute__\(\(.*?\)\) )
    | (?P<number> \b(?:0x[0-9a-fA-F]+|[1-9][0-9]*|0)\b(?!\.) )
    | (?P<word> [A-Za-z_]\w*(?:\.\w+)* )
    | (?P<operator> <<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=
        | \S )
    """, re.DOTALL | re.MULTILINE | re.VERBOSE)

SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
         "&&": "||", "||": "&&", "+": "-", "-": "+", "+=": "-=", "-=": "+=",
         "++": "--", "--": "++"}
GUARD = re.compile(r"(?:return\b|continue;|break;|goto\b)")
RETURN = re.compile(r"return ([^;]+);")
# char name[64]; is as good with 65.
ROOM = re.compile(r"\s*(?:[a-z_]\w* )+\**\w+\[[^;=]*;$")


def closing(text, start):
    """Where the parenthesis that opens at start is closed."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return len(text) - 1


def find_mutants(path, text):
    """Every change of one token, of a condition or of what is returned."""
    def add(kind, start, end, new):
        found.append(Mutant(path, text.count("\n", 0, start) + 1, kind, start,
                            end, new))

    found = []
    before = sign = ""
    for match in TOKEN.finditer(text):
        token, start, end = match.group(), match.start(), match.end()
        begin = text.rfind("\n", 0, start) + 1
        line = text[begin:text.find("\n", start)]
        if match.group("skip"):
            continue
        if match.group("number") and not ROOM.match(line) and sign != "-":
            value = int(token, 0)
            add("constant", start, end, str(value + 1))
            if value > 0:
                add("constant", start, end, str(value - 1))
        elif token in SWAPS and line[:1] == "\t" and (
                token not in "+-" or before != "return" and
                re.match(r"[\w)\]]", before[-1:])):
            add("operator", start, end, SWAPS[token])
        elif token == "if":
            opened = text.index("(", end)
            closed = closing(text, opened)
            add("negated", opened, closed + 1,
                "(!" + text[opened:closed + 1] + ")")
            if GUARD.match(text[closed + 1:].lstrip(" \t\n{")):
                add("no guard", opened, closed + 1, "(0)")
        elif token == "return":
            value = RETURN.match(text, start)
            if value is not None and value[1] not in ("0", "1"):
                new = {"true": "false", "false": "true"}.get(value[1], "0")
                if value[1] != "NULL":
                    add("result", value.start(1), value.end(1), new)
        # Of -1, which says that something failed, the sign is enough.
        sign = "" if re.match(r"[\w)\]]", before[-1:]) and \
            before != "return" else token
        before = token
    return found
