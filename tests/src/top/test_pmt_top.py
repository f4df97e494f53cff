# SPDX-License-Identifier: MIT
"""pmt-top: what is alive in programs that keep their books themselves."""
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
import urllib.error
import urllib.request

import pmttest

# It obeys: "N" makes so many more and tells how many there are.
OBEDIENT = """
import os, sys
class Kept: pass
class Temporary: pass
kept = []
Evil = type("Evil\\x1b[2J\\n\\"\u202e", (), {})
evil = [Evil() for _ in range(9)]
def keep():
    kept.append(Kept())
def serve():
    for line in sys.stdin:
        if line == "fork\\n":
            if os.fork() == 0:
                for _ in range(7): keep()
                print(os.getpid(), flush=True)
                os.read(0, 1)
                os._exit(0)
            continue
        for _ in range(int(line)):
            keep(); Temporary()
        print(len(kept), flush=True)
print(os.getpid(), flush=True)
serve()
"""


# Has a table that no tracer made, of the size that it is told.
FOREIGN = """
import ctypes, fcntl, os, sys
libc = ctypes.CDLL(None, use_errno=True)
size = int(sys.argv[1])
fd = libc.memfd_create(b"pmt-live", 2)
os.ftruncate(fd, size)
fcntl.fcntl(fd, 1033, 2 | 4)
os.pwrite(fd, b"pmt live 1" + bytes(6) + os.getpid().to_bytes(4, "little")
          + bytes([1, 0, 0, 0]) + b"\\xff" * 152, 0)
os.pwrite(fd, os.urandom(1 << 16), 4096)
print("ready", flush=True)
"""


class Top(pmttest.TestCase):
    def setUp(self):
        super().setUp()
        if sys.version_info < (3, 13):
            self.skipTest("objects are traced on Python 3.13 and later")
        if not pmttest.may_attach():
            self.skipTest("the kernel lets nobody look at processes here")

    @contextlib.contextmanager
    def traced(self, *options):
        script = self.write_file("obedient.py", OBEDIENT)
        with subprocess.Popen(
                ["pmt-run", "-q", "-r", "--summary", *options, "-o",
                 self.path("summary"), script], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            program.python = int(program.stdout.readline())
            self.program = program
            yield program

    def tell(self, program, line):
        program.stdin.write("%s\n" % line)
        program.stdin.flush()
        return int(program.stdout.readline())

    def top(self, *arguments, status=0):
        process = pmttest.run_program(["pmt-top", *arguments],
                                      env={"LC_ALL": "C.UTF-8"},
                                      cwd=self.directory)
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def row(self, text, name):
        """(pid or None, alive, growth a second) of the row of NAME."""
        row, = re.findall(r"(?m)^ *(\d+)?? *([\d,]+) +[\d.]+ \w+ +(-?[\d.]+)"
                          r"  .{8}  __main__\." + name + " .*$", text)
        return row[0], int(row[1].replace(",", "")), float(row[2])

    def test_counts_are_those_of_the_program(self):
        with self.traced() as program:
            for more, all in (1000, 1000), (234, 1234):
                self.assertEqual(self.tell(program, more), all)
                for pid in program.python, program.pid:
                    text = self.top("-p", str(pid), "--count=1")
                    self.assertEqual(self.row(text, "Kept")[1], all)
                self.assertIn("obedient.py:9 keep\n", text)
                self.assertNotIn("Temporary /", text)
        # A summary as ever.
        self.assertIn("1,234", self.read_file("summary"))

    def test_growth(self):
        """What comes and goes does not grow, what stays does."""
        with self.traced() as program:
            self.tell(program, 10)
            top = subprocess.Popen(
                ["pmt-top", "-p", str(program.pid), "-i", "0.05",
                 "--count", "12"], stdout=subprocess.PIPE, text=True,
                env=dict(os.environ, LC_ALL="C.UTF-8"))
            while top.poll() is None:
                self.tell(program, 10)
            looks = top.stdout.read().split("\n\n")
            top.stdout.close()
        alive, growth = self.row(looks[-1], "Kept")[1:]
        self.assertGreater(alive, 10)
        self.assertGreater(growth, 0)
        # It is the first row, and nothing else stays.
        rows = looks[-1].splitlines()[1:]
        self.assertIn(" __main__.Kept ", rows[0])

    def test_all_programs(self):
        with self.traced() as one, self.traced() as other:
            self.tell(one, 11)
            self.tell(other, 22)
            text = self.top("--count=1", "--top=1000")
            for program, alive in (one, 11), (other, 22):
                self.assertRegex(text, r"(?m)^ *%d +%d .* __main__\.Kept "
                                 % (program.python, alive))

    def test_forked(self):
        """A child has books of its own, and the parent's stay the parent's."""
        with self.traced() as program:
            self.tell(program, 5)
            child = str(self.tell(program, "fork"))
            text = self.top("-p", child, "--count=1")
            self.assertEqual(self.row(text, "Kept")[1], 7)
            text = self.top("-p", str(program.python), "--count=1")
            self.assertEqual(self.row(text, "Kept")[1], 5)

    def test_orders(self):
        with self.traced() as program:
            self.tell(program, 500)
            for order, column in ("live", 0), ("bytes", 1):
                text = self.top("-p", str(program.pid), "--count=1",
                                "--sort", order, "--imports", "--top=1000")
                rows = re.findall(r"(?m)^ *([\d,]+) +([\d.]+ \w+) ", text)
                sizes = [(int(alive.replace(",", "")), size)
                         for alive, size in rows]
                self.assertGreater(len(sizes), 20)
                if column == 0:
                    alive = [size[0] for size in sizes]
                    self.assertEqual(alive, sorted(alive, reverse=True))
                self.assertEqual(len(rows), len(set(text.splitlines())) - 3)

    def test_openmetrics_file(self):
        with self.traced() as program:
            self.tell(program, 321)
            self.assertEqual(self.top(
                "-p", str(program.pid), "--count=1", "--openmetrics", "m.txt",
                "--sort=live", "--mode=0640"), "")
        text = self.read_file("m.txt")
        self.assertRegex(text, r'(?m)^pmt_live_objects\{pid="%d",name="\w+",'
                         r'type="__main__.Kept",file="[^"]*/obedient.py",'
                         r'line="9",function="keep",own_file="[^"]*",'
                         r'own_line="9"\} 321$' % program.python)
        self.assertRegex(text, r'(?m)^pmt_objects_made_total\{.*Kept.* 321$')
        self.assertTrue(text.endswith("\n# EOF\n"))
        self.assertEqual(os.stat(self.path("m.txt")).st_mode & 0o777, 0o640)
        # No series twice, and each metric said once.
        lines = [line.rsplit(" ", 1)[0] for line in text.splitlines()]
        self.assertEqual(len(lines), len(set(lines)))

    def test_names_do_not_steer_a_terminal(self):
        with self.traced() as program:
            self.tell(program, 1)
            text = self.top("--count=1", "-p", str(program.pid))
            self.assertRegex(text, r'\b9 .* __main__\.Evil\\033\[2J\\012"'
                             r'\\342\\200\\256 ')
            self.top("--count=1", "-p", str(program.pid), "--openmetrics",
                     "m.txt")
        metrics = self.read_file("m.txt")
        self.assertIn(r'type="__main__.Evil?[2J\n\"???"', metrics)
        for written in text, metrics:
            self.assertNotRegex(written, "[\x1b\u202e]")

    def test_openmetrics_port(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with self.traced() as program:
            self.tell(program, 77)
            server = subprocess.Popen(
                ["pmt-top", "-p", str(program.pid), "--openmetrics=:%d" %
                 port], stderr=subprocess.PIPE, text=True)
            url = "http://127.0.0.1:%d/" % port
            text = ""
            while server.poll() is None and not text:
                with contextlib.suppress(urllib.error.URLError):
                    text = urllib.request.urlopen(url + "metrics").read(
                        ).decode()
            if server.poll() is not None:
                error = server.communicate()[1]
                self.assertIn("built without libmicrohttpd", error)
                self.skipTest("built without libmicrohttpd")
            self.assertRegex(text, r"(?m)^pmt_live_objects\{.*Kept.*\} 77$")
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(url + "else")
            self.assertEqual(caught.exception.code, 404)
            caught.exception.close()
        # It ends with the program.
        self.assertEqual(server.communicate(timeout=60)[1], "")
        self.assertEqual(server.returncode, 0)

    def display(self, keys, *arguments):
        """What the terminal showed last before the last of KEYS.

        For a "!" the program is ended.
        """
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", NO_COLOR="1")
            os.execvp("pmt-top", ["pmt-top", *arguments])
        fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 10, 60, 0, 0))
        screens, deadline = b"", time.monotonic() + 60
        with contextlib.suppress(OSError):      # a terminal that is gone
            while time.monotonic() < deadline:
                if select.select([terminal], [], [], 0.05)[0]:
                    screens += os.read(terminal, 65536)
                elif keys[:1] == "!":
                    if b"Kept" in screens:
                        os.kill(self.program.python, signal.SIGKILL)
                        keys = keys[1:]
                elif keys:
                    os.write(terminal, keys[:1].encode())
                    keys = keys[1:]
        os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        return screens.decode()

    def test_display(self):
        """In place: cut to the screen, ordered by keys, and put back."""
        with self.traced() as program:
            self.tell(program, 4321)
            shown = self.display("lq", "-p", str(program.pid), "-i", "0.2")
        self.assertIn("\x1b[?1049h", shown)
        self.assertTrue(shown.endswith("\x1b[?7h\x1b[?25h\x1b[?1049l"), shown)
        screen = shown.split("\x1b[H")[-1].split("\x1b[J")[0]
        lines = [line.rstrip("\r") for line in
                 screen.replace("\x1b[K", "").split("\n")]
        self.assertLessEqual(len(lines), 10)
        self.assertLessEqual(max(map(len, lines)), 60, lines)
        self.assertRegex(lines[3], r"^ *4,321 .*__main__\.Kept")

    def test_the_program_dies(self):
        """What was seen last stays in sight."""
        with self.traced() as program:
            self.tell(program, 4321)
            shown = self.display("!", "-p", str(program.python), "-i", "0.1")
        left = shown.split("\x1b[?1049l")[1]
        self.assertRegex(left, r" 4,321 .*__main__\.Kept")
        self.assertTrue(left.endswith("pmt-top: the program has ended\r\n"),
                        left)

    def test_nothing_to_look_at(self):
        process = subprocess.Popen(["sleep", "60"])
        try:
            pid = process.pid
            self.assertEqual(
                self.top("-p", str(pid), status=1),
                "pmt-top: process %d keeps no books to look at: start it by "
                "'pmt-run -r --summary'\n" % pid)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(self.top("-p", "4194304", status=1),
                         "pmt-top: process 4194304: No such process\n")

    def test_usage(self):
        for arguments in (["--sort=size"], ["--openmetrics=:x"],
                          ["--openmetrics=:0"], ["--top=0"], ["-p", "x"],
                          ["more"]):
            with self.subTest(arguments):
                self.assertIn("Try 'pmt-top --help'",
                              self.top(*arguments, status=2)
                              .replace("`", "'"))

    def table_size(self):
        """Bytes of a live table, of a program that has one."""
        with self.traced() as program:
            self.tell(program, 1)
            files = "/proc/%d/fd/" % program.python
            size, = (os.stat(files + fd).st_size for fd in os.listdir(files)
                     if "pmt-live" in os.readlink(files + fd))
            return size

    def look_at_foreign(self, size, end):
        """What becomes of pmt-top, of a program whose code has this END."""
        with subprocess.Popen([sys.executable, "-c", FOREIGN + end, str(size)],
                              stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as other:
            other.stdout.readline()
            process = pmttest.run_program(
                ["pmt-top", "-p", str(other.pid), "--count=20", "-i",
                 "0.01"])
            other.kill()
            return process

    def test_a_foreign_table(self):
        """Whoever else makes such a memory cannot mislead us."""
        for size in self.table_size(), 4096:
            process = self.look_at_foreign(size, "sys.stdin.read()")
            self.assertEqual(process.returncode, size == 4096)

    def test_a_table_that_shrinks(self):
        """Its names are fewer, its numbers at either end, at each look."""
        process = self.look_at_foreign(self.table_size(), """
while True:
    for number in 0, 4096, 1 << 63, (1 << 63) - 1:
        os.pwrite(fd, number.to_bytes(8, "little"), 40)
        for row in range(100):
            os.pwrite(fd, number.to_bytes(8, "little") * 3, 176 + 64 * row)
""")
        self.assert_success(process)


if __name__ == "__main__":
    pmttest.main()
