# SPDX-License-Identifier: MIT
"""The examples of the manual: found, compared with what is true, renewed.

A Page knows the literal blocks of a manual page or of README.  In a block of
a terminal each "$ " begins a command, and what follows is what it prints; a
line "..." stands for lines left out.
"""
import re


class Block:
    """Lines of a page: from one line of its file to before another one."""

    def __init__(self, section, before, start, lines):
        self.section = section
        self.before = before    # the line of prose before it
        self.start = start
        self.lines = lines

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    @property
    def is_session(self):
        return self.lines[0].startswith("$ ")

    @property
    def is_python(self):
        return bool(re.search(r"^(import|from|with|@|assert)\b|^@", self.text,
                              re.M))

    def commands(self):
        """(command, index of the first line it prints, those lines)."""
        commands = []
        for index, line in enumerate(self.lines):
            if commands and goes_on(commands[-1][0]) and not commands[-1][2]:
                commands[-1][0] += "\n" + line
                commands[-1][1] = index + 1
            elif line.startswith("$ "):
                commands.append([line[2:], index + 1, []])
            else:
                commands[-1][2].append(line)
        return commands


def goes_on(command):
    """Is the next line a part of this command, too?"""
    return (command.endswith(("\\", "|")) or command.count('"') % 2 == 1
            or command.count("'") % 2 == 1)


class Page:
    """A page of the manual in mdoc, or README in Markdown."""

    def __init__(self, path):
        self.path = path
        self.is_mdoc = not path.endswith(".md")
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().split("\n")
        self.blocks = list(self._mdoc() if self.is_mdoc else self._markdown())

    def _mdoc(self):
        section = before = begin = None
        for number, line in enumerate(self.lines):
            if begin is not None:
                if line == ".Ed":
                    yield Block(section, before, begin,
                                [plain(each)
                                 for each in self.lines[begin:number]])
                    begin = None
            elif line.startswith(".Bd -literal"):
                begin = number + 1
            elif line.startswith(".Dl $ "):
                yield Block(section, before, number, [plain(line[4:])])
            elif line.startswith(".Sh "):
                section = line[4:]
            elif not line.startswith("."):
                before = line

    def _markdown(self):
        section = before = None
        number = 0
        while number < len(self.lines):
            line = self.lines[number]
            if line == "```":
                number = self.lines.index("```", number + 1)
            begin = number
            while self.lines[number].startswith("    "):
                number += 1
                while (not self.lines[number]
                       and self.lines[number + 1:number + 2]
                       and self.lines[number + 1].startswith("    ")):
                    number += 1
            if number > begin:
                yield Block(section, before, begin,
                            [each[4:] for each in self.lines[begin:number]])
                continue
            if line.startswith("#"):
                section = line.strip("# ")
            elif line:
                before = line
            number += 1

    def replace(self, block, index, count, lines):
        """Put lines in the place of some of a block's, in the file too."""
        old = self.lines[block.start + index:block.start + index + count]
        new = [quoted(line) if self.is_mdoc else ("    " + line).rstrip()
               for line in lines]
        if old == new:
            return
        self.lines[block.start + index:block.start + index + count] = new
        for other in self.blocks:
            if other.start > block.start:
                other.start += len(new) - count
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.lines))


def plain(line):
    """A line of mdoc as people see it."""
    return line.replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")


def quoted(line):
    line = line.replace("\\", "\\e")
    return "\\&" + line if line[:1] in (".", "'") and line != "..." else (
        "\\&..." if line == "..." else line)


CURVE = re.compile(r"(?<=[%B]  )[ .:=+*#%@▁▂▃▄▅▆▇█-]{16}(?=  )")
CHART = re.compile(r"^[ \d.]*(?:[KMGT]i)?B? *[|+][ .:=+*#%@▁▂▃▄▅▆▇█-]*$")
# So short a run may be over before its trend shows, and what is made of it; of
# so little memory a share may be too small for its row.
TREND = re.compile(r"^ *(pmt-run: )?(growing|held): |^Verdict: |^ {9}[a-z]|"
                   r"^Next: |^ {6}[a-z]|^  (free, kept by|other:) ")
NUMBER = re.compile(r"[-+>]?\d[\d,.:]*(?: ?(?:[KMGT]i)?B\b)?")


def shape(line):
    """What stays of a line from run to run and from machine to machine."""
    if CHART.match(line):
        return "|"
    line = re.sub("-{4,}", "--", CURVE.sub("~", line))
    # One object that comes and goes as the log ends can hide the mark.
    line = line.replace("  (growing)", "")
    line = re.sub(r"; (no group grows|\d+ groups? grows?)$", "", line)
    line = re.sub(r"[^\s'\"]*/(?=[^\s/])", "", line)
    return " ".join(NUMBER.sub("#", line).split())


def without_tracer(lines):
    """Without the paragraph that tells of the machine."""
    kept = []
    within = False
    for line in lines:
        within = line.startswith("Tracer:") or (within
                                                and line.startswith(" "))
        if not within:
            kept.append(line)
    return kept


def missing(shown, printed):
    """The shown lines that are like none of those printed."""
    shapes = {shape(line) for line in printed}
    return [line for line in without_tracer(shown)
            if line and line != "..." and shape(line) not in shapes
            and not TREND.search(line)]


def renewed(shown, printed):
    """What to show now: as many lines as before of each part that is shown.

    None if the beginning of a part is not there any more.
    """
    if "..." not in shown:
        return printed
    lines = []
    at = 0
    part = []
    for line in shown + ["..."]:
        if line != "...":
            part.append(line)
            continue
        if part:
            shapes = [shape(each) for each in printed[at:]]
            if shape(part[0]) not in shapes:
                return None
            begin = at + shapes.index(shape(part[0]))
            at = begin + len(part)
            lines += printed[begin:at]
        lines.append("...")
        part = []
    return lines[:-1]
