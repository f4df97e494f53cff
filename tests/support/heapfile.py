# SPDX-License-Identifier: MIT
"""Read a heap snapshot as pmt-heap(5) tells, independently of the C code."""

NAMES = 16


class Bytes:

    def __init__(self, data):
        self.data = data
        self.at = 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self):
        value = self.number()
        return value >> 1 if value % 2 == 0 else -(value + 1) // 2

    def text(self):
        length = self.number()
        self.at += length
        return self.data[self.at - length:self.at].decode()


class Node:

    def __init__(self, type, address, size, spare, marks):
        self.type = type
        self.address = address
        self.size = size
        self.spare = spare
        self.marks = marks
        self.edges = []     # (node number, label)


class HeapFile:

    def __init__(self, path):
        with open(path, "rb") as file:
            data = Bytes(file.read())
        assert data.data[:8] == b"\x89PMTHEP1"
        data.at = 8
        self.pid, self.time = data.number(), data.number()
        self.python = data.text()
        names, roots, nodes, edges = (data.number() for _ in range(4))
        self.names = [data.text() for _ in range(names)]
        self.roots = [(data.number(), data.number(),
                       self.names[data.number()]) for _ in range(roots)]
        self.nodes = []
        self.last = {}
        self.address = 0
        for _ in range(nodes):
            self.read_node(data)
        assert data.at == len(data.data)
        assert sum(len(node.edges) for node in self.nodes) == edges
        self.referring = {}
        for number, node in enumerate(self.nodes):
            for target, _ in node.edges:
                self.referring.setdefault(target, set()).add(number)
        self.number = {node.address: number
                       for number, node in enumerate(self.nodes)
                       if not node.marks & 8}
        self.by_address = {node.address: node for node in self.nodes
                           if not node.marks & 8}

    def read_node(self, data):
        type = self.names[data.number()]
        self.address += data.signed()
        size = data.number() * 8
        marks = data.number()
        spare = (marks >> 6) ^ -(marks >> 5 & 1)
        node = Node(type, self.address * 8, size, spare, marks & 31)
        runs = data.number()
        if runs == 0:
            labels = self.last[type]
        else:
            labels = []
            for _ in range(runs - 1):
                label, length = data.number(), data.number()
                labels += [label] * length
        self.last[type] = labels
        target = len(self.nodes)
        for label in labels:
            target += data.signed()
            node.edges.append((target, label))
        self.nodes.append(node)

    def referrers(self, address):
        """Addresses of the objects that refer to the one at address."""
        nodes = [self.nodes[number] for number in
                 self.referring.get(self.number[address], ())]
        return {node.address for node in nodes if not node.marks & 8}
