# SPDX-License-Identifier: MIT
"""Work a page of pmt-analyse --html in a real browser, without a window."""
import html.parser
import json
import os
import shutil
import subprocess
import unittest

CHROMIUM = shutil.which("chromium")

needs_browser = unittest.skipIf(
    CHROMIUM is None, "no chromium here: nobody clicks on the page")

# It is to look at a file and at nothing else.
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
           "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync",
           "--window-size=1200,900"]

# Before the page's own script.
BEGIN = """<script>
const errors = [];
window.addEventListener("error", (event) => {
    errors.push(event.message);
    document.title = JSON.stringify({errors: errors});
});
console.error = (text) => errors.push(text);
</script>
"""

# After it: what a person would do, and what is to be seen then.
HELPERS = """
const seen = {errors: errors};
const all = (what, where) => [...(where || document).querySelectorAll(what)];
const part = (title) => all("#app section").find(
    (section) => section.firstChild.textContent === title);
const rows = (title) => all("tbody tr", part(title))
    .map((row) => row.textContent);
const column = (title, head) => {
    const i = all("th", part(title)).findIndex(
        (one) => one.textContent === head);
    return all("tbody tr", part(title)).map(
        (row) => row.cells[i].textContent);
};
const press = (text, where) => all("button", where).find(
    (button) => button.textContent === text).click();
const type = (field, text) => {
    field.value = text;
    field.dispatchEvent(new Event("input"));
};
const boxes = () => all(".flame div").map((box) => box.title);
const from = (part) => type(all("input[type=range]")[0], part);
const to = (part) => type(all("input[type=range]")[1], part);
"""


class Title(html.parser.HTMLParser):
    text, inside = "", False

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "title" and not self.text

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        self.text += data if self.inside else ""


def work(page, script, directory):
    """Open the page, run the script in it, and return its object "seen"."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    driven = os.path.join(directory, "driven.html")
    with open(driven, "w", encoding="utf-8") as file:
        file.write(text.replace("<main>", BEGIN + "<main>").replace(
            "</body>", "<script>%s%s\ndocument.title = "
            "JSON.stringify(seen);\n</script></body>" % (HELPERS, script)))
    process = subprocess.run(
        [CHROMIUM] + OPTIONS + [
            "--user-data-dir=" + os.path.join(directory, "profile"),
            "--dump-dom", "file://" + driven],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    title = Title()
    title.feed(process.stdout.decode())
    return json.loads(title.text)
