# SPDX-License-Identifier: MIT
"""pmt-run -r looks for holders while the program grows, not only at its end."""
import sys

import pmttest

# An event loop that is closed lets go of all that waited in it.
PROGRAM = '''
import asyncio, re, sys, time

class Request:
    pass

def answer(request):
    pass

def told():
    """Of how many requests does the log say by now who holds them?"""
    global most
    for name in sys.argv[1], sys.argv[1] + ".tail":
        try:
            with open(name, "rb") as log:
                log.seek(read.get(name, 0))
                text = log.read()
        except OSError:
            continue
        if name == sys.argv[1]:
            read[name] = read.get(name, 0) + len(text)
        for count in re.findall(rb"held: __main__.Request: ([0-9]+)", text):
            most = max(most, int(count))
    return most

read, most = {}, 0

async def main():
    loop = asyncio.get_running_loop()
    kept = 0
    until = time.monotonic() + 60
    while time.monotonic() < until and not (
            kept > 60000 and told() > 0.6 * kept):
        for _ in range(1000):
            if kept < 100000:
                loop.call_later(3600, answer, Request())
                kept += 1
            else:
                Request()

asyncio.run(main())
'''


@pmttest.needs_reference_tracing
class LooksTest(pmttest.TestCase):

    def run_traced(self, *options):
        with open(self.path("program.py"), "w") as file:
            file.write(PROGRAM)
        log = self.path("log.txt")
        process = pmttest.run_program(
            ["pmt-run", *options, "--python", sys.executable, "-o", log,
             self.path("program.py"), log], timeout=100)
        self.assert_success(process)
        return log

    @pmttest.not_sanitized
    def test_the_peak_has_holders(self):
        log = self.run_traced("-r", "-q", "--text")
        process = pmttest.run_program(["pmt-analyse", "--brief", log])
        self.assert_success(process)
        peak = process.stdout[process.stdout.index("\nAlive at the peak, "):
                              process.stdout.index("\nAlive at the end: ")]
        self.assertRegex(
            peak, r"  __main__\.Request\b.*\n +\S*program\.py:\d+ main\n"
                  r" +held at [\d.]+ s: [\d,]+ by "
                  r"_asyncio\S+\s*\._scheduled\[\*\]\s*\._args\[\*\]"
                  r"(?:;\s+its list _scheduled grew from 0 to|\s+\(of) ")

    @pmttest.not_sanitized
    def test_nothing_of_it_is_in_the_log(self):
        """But that of objects in free lists, which 3.13.0 does not tell."""
        with open(self.run_traced("-r", "-q", "--text")) as log:
            rows = [line for line in log if line.startswith("NEW")]
        self.assertGreater(len(rows), 60000)
        self.assertEqual([row for row in rows if "pmtboot/holders" in row], [])


if __name__ == "__main__":
    pmttest.main()
