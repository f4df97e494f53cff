# SPDX-License-Identifier: MIT
"""pmt-analyse --html in a real browser: clicks, search, the brush, and no
error, with a page of each kind of log."""
import os
import re

import browser
import pmttest

GROW = """\
kept = []

def fill():
    kept.append(bytearray(1 << 20))

for i in range(40):
    fill()
    sum(range(20000))
"""

CLICK = """
seen.sections = all("#app h2").map((title) => title.textContent);
seen.reports = all(".report").map((report) => report.hidden);
seen.lines = rows("By line").length;
type(all("section input[type=search]").find((field) =>
    field.getAttribute("aria-label") === "Search lines"), "grow.py");
seen.found = rows("By line");
seen.boxes = boxes();
const inner = all(".flame div").pop();
inner.click();
seen.zoomed = all(".flame div").find((box) => box.title === inner.title)
    .style.width;
press("Whole");
seen.whole = boxes();
press("Icicle");
all("#logs button")[1].click();
seen.second = all("#app h2").map((title) => title.textContent);
const alive = () => column("Alive at the end", "alive").map(Number);
seen.groups = alive();
press("alive");
seen.down = alive();
press("alive");
seen.up = alive();
"""

MORE = """
seen.more = all("#app section").filter((section) =>
    section.firstChild.textContent === "More than when the program began")
    .flatMap((section) => all("tbody tr", section).map((row) =>
        all("td", row).map((cell) => cell.textContent)));
"""

# What of the log comes before and after its middle.
BRUSH = """
const tables = () => Object.fromEntries(all("#app section").map((section) =>
    [section.firstChild.textContent, all("tbody tr", section).map(
        (row) => row.textContent)]));
seen.steps = rows("The biggest steps").length;
to("300");
seen.window = document.getElementById("window").textContent;
seen.some = rows("The biggest steps").length;
seen.first = tables();
seen.firstBoxes = boxes();
seen.firstMemory = all(".shares span").map((one) => one.textContent);
from("200");
seen.later = tables();
from("0");
to("300");
const svg = document.querySelector("svg.time");
svg.setPointerCapture = () => {};
const box = svg.getBoundingClientRect();
for (const [name, part] of [["pointerdown", .5], ["pointermove", .9],
        ["pointerup", .9]])
    svg.dispatchEvent(new PointerEvent(name, {pointerId: 1,
        clientX: box.left + part * box.width}));
seen.dragged = document.getElementById("window").textContent;
seen.draggedMemory = all(".shares span").map((one) => one.textContent);
press("All");
seen.wholeMemory = all(".shares span").map((one) => one.textContent);
"""

# Each log of a page, whole and a part of it.
EACH = """
seen.logs = all("#logs button").map((button) => {
    button.click();
    const log = {
        name: button.textContent,
        sections: all("#app h2").map((title) => title.textContent),
        boxes: boxes().length,
        stacked: all("svg.time path").length,
        tables: Object.fromEntries(all("table").map((table) => [
            table.closest("section").firstChild.textContent,
            table.tBodies[0].rows.length])),
    };
    if (all("input[type=range]").length > 0) {
        from("300");
        to("900");
        log.sorted = all("th[aria-sort]").map((head) => head.textContent);
        log.rises = boxes().length;
    }
    return log;
});
"""


@browser.needs_browser
@pmttest.not_sanitized
class Browser(pmttest.TestCase):

    def run_tool(self, *command):
        process = pmttest.run_program(list(command))
        self.assertEqual(process.returncode, 0, process.stderr)

    def log(self, name, *options):
        self.write_file("grow.py", GROW)
        self.run_tool("pmt-run", "-q", *options, "-o", self.path(name),
                      self.path("grow.py"))
        return self.path(name)

    def work(self, script, *arguments):
        self.run_tool("pmt-analyse", "--html", self.path("page.html"),
                      *arguments)
        seen = browser.work(self.path("page.html"), script, self.directory)
        self.assertEqual(seen["errors"], [])
        return seen

    def test_clicks(self):
        seen = self.work(CLICK, self.log("p.log2", "-p"),
                         pmttest.data("logs", "upstream-real.log"))
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
        self.assertIn("Alive at the end", seen["second"])
        self.assertGreater(len(set(seen["groups"])), 1)
        self.assertEqual(seen["up"], sorted(seen["groups"]))
        self.assertEqual(seen["down"], seen["up"][::-1])

    def test_brush(self):
        """All that is below the curve is of the part that is chosen."""
        seen = self.work(BRUSH, self.log("p.log2", "-p"))
        self.assertRegex(seen["window"], r"From \d.* s to ")
        self.assertRegex(seen["dragged"], r"From \d.* s to ")
        self.assertNotEqual(seen["dragged"], seen["window"])
        self.assertLess(seen["some"], seen["steps"])
        # The function is named, or what it calls.
        for title in ("By function", "By file", "By line",
                      "By line of the program, with all that it calls"):
            early, late = (
                max(float(rise) for row in tables[title]
                    for rise in re.findall(r" \+([\d.]+) MiB\+", row))
                for tables in (seen["first"], seen["later"]))
            self.assertGreater(early, 5, title)
            self.assertLess(early, 30, title)
            self.assertLess(late, early, title)
        grown = [float(size) for label in seen["firstBoxes"]
                 for size in re.findall(r"^all: ([\d.]+) MiB", label)]
        self.assertGreater(grown[0], 5)
        self.assertLess(grown[0], 30)
        self.assertEqual(seen["wholeMemory"][::2], ["start", "peak", "end"])
        self.assertEqual(seen["firstMemory"][::2], ["from", "highest", "to"])
        first, dragged, whole = (
            [float(size.split()[0]) for size in seen[when][1::2]]
            for when in ("firstMemory", "draggedMemory", "wholeMemory"))
        self.assertLess(first[0], dragged[0])
        self.assertLess(first[2], dragged[2])
        self.assertLess(first[1], whole[1] / 2)

    @pmttest.needs_reference_tracing
    def test_each_kind_of_log(self):
        logs = {name: self.log(name, *options) for name, *options in (
            ("p", "-p"), ("t", "-t"), ("a", "-a"), ("r", "-r"),
            ("stack", "-r", "--stack"), ("all",),
            ("x.pmtheap", "--heap-snapshot"))}
        self.run_tool("pmt-process", "-i", "0.01", "-o",
                      self.path("process"), "--", "python3",
                      self.path("grow.py"))
        logs["process"] = self.path("process")
        seen = {os.path.basename(log["name"]): log for log in self.work(
            EACH, *logs.values())["logs"]}
        self.assertEqual(set(seen), set(logs))
        tables = {
            "p": "By function", "t": "By line", "a": "By line of the program",
            "r": "Alive at the end", "process": "Processes", "stack": "Alive at the end",
            "all": "By function", "x.pmtheap": "By type"}
        for name, log in seen.items():
            self.assertGreater(log["tables"][tables[name]], 0, name)
            if name not in ("r", "process"):
                self.assertGreater(log["boxes"], 2, name)
            if name == "x.pmtheap":
                continue
            if name != "process":
                self.assertIn("Where the memory is", log["sections"])
            # Each share of memory has an area below the curve.
            self.assertGreater(log["stacked"],
                               2 if name == "process" else 7, name)
            self.assertIn("Rise in range", log["sorted"], name)
            if name in ("p", "t", "all"):
                self.assertGreater(log["rises"], 1, name)
        self.assertIn("What holds the heap", seen["x.pmtheap"]["sections"])
        self.assertIn("Where objects were made", seen["stack"]["sections"])

    def test_what_there_is_more_of(self):
        log = self.log("objects", "-a", "--objects")
        seen = self.work(MORE, log)
        row, = [row for row in seen["more"] if row[0] == "bytearray"]
        self.assertRegex(row[1], r"/grow\.py:4 fill$")
        self.assertEqual(row[2], "40 by __main__.kept[*]; its list grew from "
                         "0 to 40")
        self.assertEqual(row[3:5], ["40", "40"])

    def test_comparison(self):
        new = self.log("new.log2", "-p")
        self.write_file("old.py", GROW.replace("40", "10"))
        os.rename(self.path("old.py"), self.path("grow.py"))
        self.run_tool("pmt-run", "-q", "-p", "-o", self.path("old.log2"),
                      self.path("grow.py"))
        script = """
            const named = (name) => all(".flame div").find(
                (box) => box.title.startsWith(name));
            seen.fill = [named("fill").title, named("fill").className];
            type(document.querySelector("select"), "1");
            document.querySelector("select")
                .dispatchEvent(new Event("change"));
            seen.old = named("fill").title;
            seen.legend = all(".legend span").map((one) => one.textContent);
        """
        old = self.path("old.log2")
        seen = self.work(script, "--compare", old, new)
        label, colour = seen["fill"]
        self.assertRegex(label, r"new 4[01].* MiB, old 1[01].* MiB")
        self.assertRegex(colour, r"rose[23]")
        self.assertIn("1", seen["old"].split(": ")[1])
        self.assertIn("as before", seen["legend"])
        seen = self.work(script, "--compare", new, old)
        self.assertRegex(seen["fill"][1], r"fell[23]")


if __name__ == "__main__":
    pmttest.main()
