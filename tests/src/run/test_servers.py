# SPDX-License-Identifier: MIT
"""pmt-run and programs that people run: none is harmed, none goes untold."""
import csv
import glob
import importlib.util
import inspect
import io
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import unittest

import psutil
import pmttest

REQUESTS = 60

SHOP = """
class Order:
    def __init__(self, number):
        self.number = number
        self.payload = bytes(20000)

kept = []

def place():
    kept.append(Order(len(kept)))  # here
    return b"placed"
"""
PLACE = SHOP[:SHOP.index("# here")].count("\n") + 1

# The worker takes signals by now.
BEGUN = """
import os
open("begun.%d" % os.getpid(), "w").close()
"""

WSGI = SHOP + BEGUN + """
def application(environ, start_response):
    body = place()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""

ASGI = SHOP + BEGUN + """
async def application(scope, receive, send):
    if scope["type"] == "http":
        body = place()
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})
"""

# Once it is told to stop, a last task wakes the loop that waits for one.
CELERY = """
import os, signal, threading, time
import celery, celery.signals
import shop
app = celery.Celery("bills", broker="memory://")
app.conf.broker_transport_options = {"polling_interval": 0.01}
app.conf.worker_prefetch_multiplier = 1
app.conf.worker_proc_alive_timeout = 120

@app.task(ignore_result=True)
def bill():
    with open("placed", "ab", 0) as file:
        file.write(shop.place())

def feed():
    open("placed", "w").close()
    for _ in range(%d):
        bill.delay()
    while os.stat("placed").st_size < %d:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    bill.delay()

@celery.signals.worker_ready.connect
def begin(**_):
    threading.Thread(target=feed).start()

if __name__ == "__main__":
    app.worker_main("worker --pool=prefork --concurrency=2 "
                    "--loglevel=CRITICAL --without-mingle --without-gossip "
                    "--without-heartbeat".split())
""" % (REQUESTS, REQUESTS * len("placed"))

PYTEST = """
import pytest, shop
@pytest.mark.parametrize("n", range(%d))
def test_order(n):
    assert shop.place() == b"placed"
""" % REQUESTS


def needs(module):
    return unittest.skipIf(importlib.util.find_spec(module) is None,
                           module + " is not installed")


class Servers(pmttest.TestCase):

    def start(self, *argv):
        """Its standard error is in the file "told"."""
        with open(self.path("told"), "w") as told:
            process = subprocess.Popen(
                argv, cwd=self.directory, stdin=subprocess.DEVNULL,
                stdout=told, stderr=told,
                env=dict(os.environ, HOME=self.directory))
        self.addCleanup(process.kill)
        return process

    def request(self):
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(self.path("socket"))
            one.sendall(b"GET / HTTP/1.0\r\nHost: shop\r\n\r\n")
            return b"".join(iter(lambda: one.recv(4096), b""))

    def wait_for(self, process):
        """Until it answers, which makes the first order."""
        while True:
            try:
                return self.request()
            except OSError:
                self.assertIsNone(process.poll(), self.read_file("told"))
                time.sleep(0.01)

    def wait_for_workers(self, process, count):
        """Until all are there: one alone can be so fast that it serves all."""
        while len(glob.glob(self.path("begun.*"))) < count:
            self.assertIsNone(process.poll(), self.read_file("told"))
            time.sleep(0.01)

    def order(self, count):
        for _ in range(count):
            self.assertRegex(self.request(),
                             rb"\AHTTP/1.. 200 OK(?s:.*)\r\n\r\nplaced\Z")

    def end(self, process, number):
        """It ends well, and has said nothing of its own."""
        process.send_signal(number)
        status = process.wait(60 * pmttest.SLOWNESS)
        told = self.read_file("told")
        self.assertEqual(status, 0, told)
        self.assertEqual([line for line in told.splitlines()
                          if not line.startswith("pmt-run: ")], [], told)
        return told

    def orders(self, *logs):
        """So many are alive, all made in one place."""
        told = self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--brief", "--top=0", *logs], cwd=self.directory)).stdout
        found = re.search(r"^ +(\d+) .* shop\.Order\b.*\n"
                          r" +\S*shop\.py:(\d+) place$", told, re.MULTILINE)
        self.assertIsNotNone(found, told)
        self.assertEqual(int(found.group(2)), PLACE)
        return int(found.group(1))

    def watch(self, server):
        """Attach to it, order, leave it, order again."""
        watcher = subprocess.Popen(
            ["pmt-run", "-r", "--pid", str(server.pid), "-o", "log.pmt"],
            cwd=self.directory, stderr=subprocess.PIPE, text=True)
        self.addCleanup(watcher.kill)
        # One that waits for nothing but requests notices nobody else.
        while not select.select([watcher.stderr], [], [], 0.05)[0]:
            self.order(1)
        self.assertIn("^C ends that", watcher.stderr.readline())
        self.order(REQUESTS)
        watcher.send_signal(signal.SIGINT)
        while not select.select([watcher.stderr], [], [], 0.05)[0]:
            self.order(1)
        told = watcher.communicate(timeout=60)[1]
        self.assertEqual(watcher.returncode, 0, told)
        self.assertGreaterEqual(self.orders("log.pmt"), REQUESTS)
        # Whether a minute of so few orders is a trend is not asked here.
        report, = json.loads(self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--json", "--top=0", self.path("log.pmt")])).stdout)
        order, = [group for group in report["groups"]
                  if group["type"] == "shop.Order"]
        self.assertRegex(order["held"]["by"], r"\Ashop\.kept\[\*\]")
        self.order(REQUESTS)
        self.assertTrue(server.is_running())

    def follow(self, *argv):
        os.mkdir(self.path("logs"))
        return self.start("pmt-run", "-r", "--follow", "-o", "logs/log.pmt",
                          "--python", sys.executable, *argv)


class Gunicorn(Servers):
    # No worker is ended because the machine had no time for it.
    ARGUMENTS = ("-m", "gunicorn", "--bind=unix:socket", "--workers=2",
                 "--timeout=0", "--graceful-timeout=120",
                 "--log-level=warning", "shop:application")

    def logs_of_children(self):
        return [self.path(name) for name in os.listdir(self.directory)
                if name.startswith("log.pmt.")]

    @needs("gunicorn")
    def setUp(self):
        self.write_file("shop.py", WSGI)

    @pmttest.needs_reference_tracing
    def test_follow(self):
        process = self.follow(*self.ARGUMENTS)
        self.wait_for(process)
        self.wait_for_workers(process, 2)
        self.order(REQUESTS - 1)
        told = self.end(process, signal.SIGTERM)
        self.assertIn("forked processes wrote 2 more logs", told)
        self.assertEqual(self.orders("logs"), REQUESTS)

    def test_calls(self):
        """On each Python: the memory that the workers took, and who did."""
        process = self.start("pmt-run", "-p", "-o", "log.pmt", "--python",
                             sys.executable, *self.ARGUMENTS)
        self.wait_for(process)
        self.order(10 * REQUESTS - 1)
        self.end(process, signal.SIGTERM)
        told = self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--csv", *self.logs_of_children()])).stdout
        grown = [int(row["net"]) for row in csv.DictReader(io.StringIO(told))
                 if row["table"] == "own"
                 and row["file"] == self.path("shop.py")]
        self.assertGreater(sum(grown), 5 * REQUESTS * 20000)

    @pmttest.needs_reference_tracing
    def test_pid(self):
        if pmttest.sanitized or not pmttest.may_attach():
            self.skipTest("no process may stop another here")
        process = self.start(sys.executable, *self.ARGUMENTS, "--workers=1")
        self.wait_for(process)
        self.watch(psutil.Process(process.pid).children()[0])
        self.end(process, signal.SIGTERM)

class Uvicorn(Servers):
    ARGUMENTS = ("-m", "uvicorn", "--uds=socket", "--log-level=warning",
                 "shop:application")

    @needs("uvicorn")
    @pmttest.needs_reference_tracing
    def setUp(self):
        self.write_file("shop.py", ASGI)

    def test_follow(self):
        import uvicorn
        patience = [] if "timeout_worker_healthcheck" not in \
            inspect.signature(uvicorn.Config).parameters else \
            ["--timeout-worker-healthcheck=120"]
        process = self.follow(*self.ARGUMENTS, *patience, "--workers=2")
        self.wait_for(process)
        self.wait_for_workers(process, 2)
        self.order(REQUESTS - 1)
        told = self.end(process, signal.SIGINT)
        self.assertIn("other processes wrote 2 more logs", told)
        self.assertEqual(self.orders("logs"), REQUESTS)

    def test_pid(self):
        if pmttest.sanitized or not pmttest.may_attach():
            self.skipTest("no process may stop another here")
        process = self.start(sys.executable, *self.ARGUMENTS)
        self.wait_for(process)
        self.watch(psutil.Process(process.pid))
        self.end(process, signal.SIGINT)


class Workers(Servers):

    @pmttest.needs_reference_tracing
    def setUp(self):
        self.write_file("shop.py", SHOP)

    @needs("celery")
    def test_celery(self):
        self.write_file("bills.py", CELERY)
        process = self.follow("bills.py")
        status = process.wait(120 * pmttest.SLOWNESS)
        self.assertEqual(status, 0, self.read_file("told"))
        # The last task may have been begun, or not.
        self.assertIn(self.orders("logs"), (REQUESTS, REQUESTS + 1))

    @needs("xdist")
    def test_xdist(self):
        self.write_file("test_orders.py", PYTEST)
        process = self.follow("-m", "pytest", "-n2", "-q", "-p",
                              "no:cacheprovider")
        status = process.wait(120 * pmttest.SLOWNESS)
        told = self.read_file("told")
        self.assertEqual(status, 0, told)
        self.assertIn("%d passed" % REQUESTS, told)
        self.assertIn("other processes wrote 2 more logs", told)
        self.assertEqual(self.orders("logs"), REQUESTS)


if __name__ == "__main__":
    pmttest.main()
