#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A chat server in miniature that keeps more than it should.

    pmt-run -r examples/leak.py
    pmt-analyse *_O_*.log

Clients connect, talk and leave.  Who says goodbye is forgotten; who just
hangs up stays in the server's books for ever, with all that was said.
"""
import sys


class Message:
    """What a client said."""

    def __init__(self, text):
        self.text = text


class Session:
    """One client's visit."""

    def __init__(self, client):
        self.client = client
        self.messages = []

    def say(self, text):
        self.messages.append(Message(text))


class Server:
    def __init__(self):
        self.sessions = {}

    def connect(self, client):
        session = Session(client)  # pmt-analyse names this line ...
        self.sessions[client] = session  # ... for this one keeps them
        return session

    def goodbye(self, client):
        del self.sessions[client]


def visit(server, client):
    session = server.connect(client)
    for number in range(3):
        session.say("message %d of client %d" % (number, client))
    hangs_up = client % 10 == 0
    if not hangs_up:
        server.goodbye(client)


def main():
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    server = Server()
    for client in range(visits):
        visit(server, client)
    print("%d visits, %d sessions in the books" % (
        visits, len(server.sessions)))
    return server


if __name__ == "__main__":
    # The server lives as long as the program, as servers do.
    SERVER = main()
