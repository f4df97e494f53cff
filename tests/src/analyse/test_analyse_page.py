# SPDX-License-Identifier: MIT
"""pmt-analyse --html: the page holds what the other reports say, stands alone,
and works in a browser, where there is one."""
import html.parser
import json
import os
import re
import shutil
import subprocess
import unittest

import pmttest

EXAMPLES = os.path.join(os.environ["srcdir"], "examples")
HOSTILE = "</script><script>alert(1)</script>&lt;"
HEADER = "HEDR: Event dEvent Clock What File Line Function RSS dRSS\n"
EMPTY_TAGS = {"meta", "br", "input"}

# Works the page as a person would, and leaves in its title what was seen.
DRIVER = """<script>
const errors = [];
window.addEventListener("error", (event) => {
    errors.push(event.message);
    document.title = JSON.stringify({errors: errors});
});
console.error = (text) => errors.push(text);
</script>
"""
DRIVE = """<script>
const seen = {errors: errors};
const all = (what, where) => [...(where || document).querySelectorAll(what)];
const rows = (title) => all("tbody tr", all("section").find(
    (section) => section.firstChild.textContent.startsWith(title)))
    .map((row) => row.textContent);
const type = (field, text) => {
    field.value = text;
    field.dispatchEvent(new Event("input"));
};
seen.sections = all("#app h2").map((title) => title.textContent);
seen.reports = all(".report").map((report) => report.hidden);
seen.lines = rows("By line").length;
type(all("section input[type=search]").find((field) =>
    field.getAttribute("aria-label") === "Search lines"), "grow.py");
seen.found = rows("By line");
const boxes = () => all(".flame div").map((box) => box.title);
seen.boxes = boxes();
const inner = all(".flame div").pop();
inner.click();
seen.zoomed = all(".flame div").find((box) => box.title === inner.title)
    .style.width;
all("button").find((button) => button.textContent === "Whole").click();
seen.whole = boxes();
all("button").find((button) => button.textContent === "Icicle").click();
const sliders = all("input[type=range]");
seen.steps = rows("The biggest").length;
type(sliders[1], "300");
seen.window = document.getElementById("window").textContent;
seen.some = rows("The biggest").length;
seen.first = rows("By function");
type(sliders[0], "200");
seen.later = rows("By function");
type(sliders[0], "0");
type(sliders[1], "300");
const svg = document.querySelector("svg.time");
svg.setPointerCapture = () => {};
const box = svg.getBoundingClientRect();
for (const [name, part] of [["pointerdown", .5], ["pointermove", .9],
        ["pointerup", .9]])
    svg.dispatchEvent(new PointerEvent(name, {pointerId: 1,
        clientX: box.left + part * box.width}));
seen.dragged = document.getElementById("window").textContent;
all("#logs button")[1].click();
seen.second = all("#app h2").map((title) => title.textContent);
const alive = () => {
    const column = all("th").findIndex((head) => head.textContent === "alive");
    return all("tbody")[0].querySelectorAll("tr").values().map((row) =>
        Number(row.cells[column].textContent)).toArray();
};
seen.groups = alive();
all("th button").find((one) => one.textContent === "alive").click();
seen.down = alive();
all("th button").find((one) => one.textContent === "alive").click();
seen.up = alive();
document.title = JSON.stringify(seen);
</script>
"""


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.open, self.scripts, self.reports = [], [], []
        self.links = []
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())
        self.close()
        assert self.open == [], self.open
        self.logs = json.loads(self.scripts[0])

    def handle_starttag(self, tag, attributes):
        self.links += [value for name, value in attributes
                       if name in ("src", "href")]
        if tag not in EMPTY_TAGS:
            self.open.append(tag)
            if tag == "script":
                self.scripts.append("")
            elif tag == "pre":
                self.reports.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        elif self.open and self.open[-1] == "pre":
            self.reports[-1] += data


class Html(pmttest.TestCase):
    def run_tool(self, *command, status=0):
        process = pmttest.run_program(list(command))
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def page(self, *logs):
        self.run_tool("pmt-analyse", "--html", self.path("page.html"), *logs)
        page = Page(self.path("page.html"))
        self.assertEqual(page.links, [])
        self.assertEqual(len(page.scripts), 2)
        return page

    def log(self, mode, name, program):
        path = self.path(name)
        self.run_tool("pmt-run", mode, "-o", path,
                      os.path.join(EXAMPLES, program))
        return path

    @pmttest.not_sanitized
    def test_page_says_what_other_reports_say(self):
        logs = [self.log("-p", "p.log2", "grow.py"),
                self.log("-a", "a.log2", "grow.py"),
                os.path.join(os.environ["srcdir"],
                             "tests/data/logs/upstream-real.log")]
        page = self.page(*logs)
        wanted = json.loads(pmttest.run_program(
            ["pmt-analyse", "--json", *logs]).stdout)
        for log in wanted:
            log.pop("paths", None)
            log.pop("stacks", None)
        for log, path, got, report in zip(wanted, logs, page.logs,
                                          page.reports):
            text = pmttest.run_program(
                ["pmt-analyse", "--brief", "--top=5", path]).stdout
            self.assertEqual(plain(report), plain(text))
            for key, value in log.items():
                if isinstance(value, str):
                    self.assertEqual(got[key][:150], value[:150], key)
                elif isinstance(value, int) or key == "rss":
                    self.assertEqual(got[key], value, key)
                elif isinstance(value, list) and key != "curve":
                    self.assertEqual(len(got[key]), min(
                        len(value), 133 if key != "problems" else 20), key)
            for row in got.get("functions", []) + got.get("lines", []):
                if "net" in row:
                    self.assertEqual(row.get("history", [0])[-1], row["net"])
            if "call_paths" in got:
                self.check_paths(path, got["call_paths"])

    def check_paths(self, path, stacks):
        """Nothing of a measure is lost where small nodes were left out."""
        total = sum(int(line.rsplit(" ", 1)[1]) for line in self.run_tool(
            "pmt-analyse", "--folded", path).splitlines())
        column = 2 + stacks["chosen"]
        self.assertEqual(sum(node[column] for node in stacks["nodes"]),
                         total)
        for i, node in enumerate(stacks["nodes"][1:], 1):
            self.assertLess(node[0], i)
            self.assertLess(node[1], len(stacks["frames"]))

    def test_heap_snapshots(self):
        path = self.path("x.pmtheap")
        self.run_tool("pmt-run", "--heap-snapshot", "-o", path,
                      os.path.join(EXAMPLES, "grow.py"), "1")
        page = self.page(path, path)
        self.assertEqual(len(page.logs), 2)
        self.assertIn("dict", [row["type"] for row in page.logs[0]["types"]])
        self.assertIn("Holders of a tenth", page.reports[0])
        stacks = page.logs[1]["call_paths"]
        self.assertEqual(stacks["measures"][0][1], "bytes")
        self.assertGreater(len(stacks["nodes"]), 10)

    def test_hostile_names_run_nothing(self):
        path = self.write_file("x.log", "SOF\n" + HEADER + (
            "FRST: 0 +0 0.1 CALL /a.py 1 %s 1000000 0\n"
            "NEXT: 1 +1 0.2 CALL %s 1 f 2000000 1000000\n"
            "LAST: 2 +1 0.3 RETURN %s 1 f\\033[31m 3000000 1000000\n"
            "EOF\n" % (HOSTILE, HOSTILE, HOSTILE)))
        page = self.page(path)
        self.assertIn(HOSTILE, [row["file"] for row in page.logs[0]["files"]])
        with open(self.path("page.html"), "rb") as file:
            text = file.read()
        self.assertEqual(text.count(b"<script"), 2)
        self.assertNotIn(b"\033", text)

    def test_source_lines_of_files_that_are_there(self):
        source = self.write_file("app.py", "first\n  second <b>\n")
        secret = self.write_file("secret.txt", "secret\n")
        rows = "".join("NEXT: %d +1 0.%d CALL %s %d f %d 4096\n" % (
            i, i, name, line, 1000000 + i * 4096) for i, (name, line) in
            enumerate([(source, 2), (source, 2), (secret, 1), (secret, 1),
                       (source, 9), (source, 9)], 1))
        path = self.write_file("x.log", "SOF\n" + HEADER +
                               rows.replace("NEXT", "FRST", 1) + "EOF\n")
        lines = {(row["file"], row["line"]): row.get("source")
                 for row in self.page(path).logs[0]["lines"]}
        self.assertEqual(lines[source, 2], "  second <b>")
        self.assertIsNone(lines[secret, 1])
        self.assertIsNone(lines[source, 9])

    def test_a_page_is_small(self):
        """30,000 places with long names and a curve of as many points."""
        rows = "".join("NEXT: %d +1 %d.5 CALL /%s%d.py %d f%d %d 4096\n" % (
            i, i, "long" * 60, i, i, i, (i + 9) * 4096)
            for i in range(1, 30000))
        path = self.write_file("x.log", "SOF\n" + HEADER +
                               rows.replace("NEXT", "FRST", 1) + "EOF\n")
        self.page(path, path)
        self.assertLess(os.path.getsize(self.path("page.html")), 2 << 20)

    def test_what_is_no_log(self):
        path = self.write_file("x.log", "nothing\n")
        self.run_tool("pmt-analyse", "--html", self.path("page.html"), path,
                      status=1)
        self.assertEqual(Page(self.path("page.html")).logs, [])
        self.assertIn("No space", self.run_tool(
            "pmt-analyse", "--html=/dev/full", path, status=1))

    @unittest.skipIf(shutil.which("chromium") is None,
                     "no chromium here: nobody clicks on the page")
    @pmttest.not_sanitized
    def test_in_a_browser(self):
        self.write_file("grow.py", GROW)
        self.run_tool("pmt-run", "-p", "-o", self.path("p.log2"),
                      self.path("grow.py"))
        self.page(self.path("p.log2"), os.path.join(
            os.environ["srcdir"], "tests/data/logs/upstream-real.log"))
        with open(self.path("page.html"), encoding="utf-8") as file:
            text = file.read()
        # Before the page's own script, and after it.
        text = text.replace("<main>", DRIVER + "<main>")
        self.write_file("driven.html", text.replace(
            "</body>", DRIVE + "</body>"))
        process = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
             "--user-data-dir=" + self.path("profile"), "--dump-dom",
             "--window-size=1200,900", "file://" + self.path("driven.html")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        title = Title()
        title.feed(process.stdout.decode())
        self.check_seen(json.loads(title.text))

    def check_seen(self, seen):
        self.assertEqual(seen["errors"], [])
        for title in ("Where the memory is", "Call paths", "By function",
                      "The biggest steps"):
            self.assertIn(title, seen["sections"])
        self.assertEqual(seen["reports"], [False, True])
        self.assertGreaterEqual(seen["lines"], len(seen["found"]))
        self.assertTrue(seen["found"])
        for row in seen["found"]:
            self.assertIn("grow.py", row)
        self.assertEqual(seen["zoomed"], "100%")
        self.assertEqual(seen["whole"], seen["boxes"])
        self.assertGreater(len(seen["boxes"]), 2)
        self.assertRegex(seen["window"], r"From \d.* s to ")
        self.assertRegex(seen["dragged"], r"From \d.* s to ")
        self.assertNotEqual(seen["dragged"], seen["window"])
        self.assertLess(seen["some"], seen["steps"])
        # What a function grew by is that of the range; its name is that of
        # whoever is charged, fill() or what it calls.
        early, late = (
            max(float(rise) for row in rows
                for rise in re.findall(r" \+([\d.]+) MiB\+", row))
            for rows in (seen["first"], seen["later"]))
        self.assertGreater(early, 5)
        self.assertLess(early, 30)
        self.assertLess(late, early)
        self.assertIn("Alive at the end", seen["second"])
        self.assertGreater(len(set(seen["groups"])), 1)
        self.assertEqual(seen["up"], sorted(seen["groups"]))
        self.assertEqual(seen["down"], seen["up"][::-1])


GROW = """\
kept = []

def fill():
    kept.append(bytearray(1 << 20))

for i in range(40):
    fill()
    sum(range(20000))
"""


def plain(text):
    """The same text, whether a terminal showed UTF-8 or not."""
    return "".join(c if c.isascii() else "#" for c in text.strip("\n"))


class Title(html.parser.HTMLParser):
    text, inside = "", False

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "title" and not self.text

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        self.text += data if self.inside else ""


if __name__ == "__main__":
    pmttest.main()
