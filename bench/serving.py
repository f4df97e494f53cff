# SPDX-License-Identifier: MIT
"""What do the clients of a server notice when pmt looks into it?

    PYTHONPATH=build/python PATH=$PWD/build/src:$PATH \\
        python3 bench/serving.py [--objects 1000000] [--seconds 4]

Servers that hold so many objects, one of asyncio and, where it is installed, a
worker of gunicorn, answer one request after the other.  How long that takes,
in milliseconds, is told for a while of quiet, then for one in which pmt-heap
takes a snapshot, or pmt-run attaches.  Prints Markdown.
"""
import argparse
import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time

HOLD = """
class Row:
    def __init__(self, number):
        self.number = number
        self.text = str(number)
rows = [Row(number) for number in range(int(%r) // 3)]
def answer():
    return repr(sum(len(row.text) for row in rows[:200])).encode()
"""

ASYNCIO = HOLD + """
import asyncio, sys
async def serve(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    body = answer()
    writer.write(b"HTTP/1.0 200 OK\\r\\n\\r\\n" + body)
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", %d)
    async with server:
        await server.serve_forever()
asyncio.run(main())
"""

WSGI = HOLD + """
def application(environ, start_response):
    body = answer()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def request(port):
    """Seconds until it is answered."""
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b""
        while True:
            part = connection.recv(4096)
            if not part:
                break
            answer += part
    if b" 200 OK" not in answer.partition(b"\r\n")[0]:
        raise RuntimeError("the server failed: %r" % answer)
    return time.perf_counter() - start


def start_asyncio(directory, port, objects):
    program = os.path.join(directory, "serve.py")
    with open(program, "w") as file:
        file.write(ASYNCIO % (objects, port))
    server = subprocess.Popen([sys.executable, program])
    return server, lambda: server.pid


def start_gunicorn(directory, port, objects):
    """Returns the arbiter, and who tells the worker."""
    with open(os.path.join(directory, "app.py"), "w") as file:
        file.write(WSGI % objects)
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--workers=1", "--log-level=error",
         "--bind=127.0.0.1:%d" % port, "app"], cwd=directory)

    def worker():
        with open("/proc/%d/task/%d/children" % (server.pid,
                                                 server.pid)) as file:
            return int(file.read().split()[0])
    return server, worker


def wait_for(port):
    for _ in range(600):
        try:
            return request(port)
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not come up")


def watch(port, seconds, command):
    """Latencies until the command and the seconds are over, in order."""
    process = command and subprocess.Popen(command, stderr=subprocess.PIPE,
                                           stdout=subprocess.DEVNULL)
    end, took = time.monotonic() + seconds, []
    while time.monotonic() < end or (process and process.poll() is None):
        took.append(request(port))
    if process and process.returncode != 0:
        raise RuntimeError(process.communicate()[1].decode())
    return sorted(took)


def measure(name, start, objects, seconds):
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        server, pid = start(directory, port, objects)
        try:
            wait_for(port)
            target = ["--pid", str(pid())]
            run = ["pmt-run", "-q"] + target + ["-d", "2"]
            log = ["-o", os.path.join(directory, "log.pmt")]
            phases = [
                ("quiet", None),
                ("pmt-heap -p PID", ["pmt-heap", "-p", str(pid()),
                                     "-o", os.path.join(directory,
                                                        "p.pmtheap")]),
                ("pmt-run --pid PID --heap-snapshot", ["pmt-run", "-q"] +
                 target + ["--heap-snapshot", "-o",
                           os.path.join(directory, "log.pmtheap")]),
                ("pmt-run --pid PID -p", run + ["-p"] + log)]
            if sys.version_info >= (3, 13):
                phases.append(("pmt-run --pid PID -r --sample --summary", run +
                               ["-r", "--sample", "--summary", "-o",
                                os.path.join(directory, "log.txt")]))
            phases.append(("quiet again", None))
            for phase, command in phases:
                took = watch(port, seconds, command)
                print("| %s | %s | %d | %.2f | %.2f | %.1f | %.1f |" % (
                    name, phase, len(took), took[len(took) // 2] * 1e3,
                    took[len(took) * 99 // 100] * 1e3, took[-2] * 1e3,
                    took[-1] * 1e3), flush=True)
        finally:
            server.terminate()
            server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--objects", type=int, default=1000000)
    parser.add_argument("--seconds", type=float, default=4)
    arguments = parser.parse_args()
    servers = [("asyncio", start_asyncio)]
    if importlib.util.find_spec("gunicorn"):
        servers.append(("gunicorn", start_gunicorn))
    print("CPython %d.%d.%d\n" % sys.version_info[:3])
    print("| server | meanwhile | requests | median | 99 % | second longest | "
          "longest |\n| --- | --- | --: | --: | --: | --: | --: |")
    for name, start in servers:
        measure(name, start, arguments.objects, arguments.seconds)


if __name__ == "__main__":
    main()
