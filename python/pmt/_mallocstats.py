# SPDX-License-Identifier: MIT
"""The text of sys._debugmallocstats(), parsed.

CPython 3.8 and later print a table of size classes, then blocks of lines
"label = number", then a line for each free list.  Which blocks there are
depends on the version and on the allocator, so the blocks are parsed by their
form; what has a name here is picked out of them.
"""
import re
import typing

# Each finds all lines of its form; the parsing is done by re, which is quick.
_HEAD = re.compile(r"^Small block threshold = (\d+), in (\d+) size classes\.$",
                   re.M)
_CLASS = re.compile(r"^ +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$", re.M)
_TYPE = re.compile(r"^ *(-?\d+) free (.+) \* (\d+) bytes each = +([\d,]+)$",
                   re.M)
_MEASURE = re.compile(r"^(?:(\d+) )?(\S[^=\n]*?) *= *([\d,]+)$"
                      r"|^    (\S[^=\n]*): (-?\d+)$", re.M)
TITLES = ("class   size   num pools   blocks in use  avail blocks",
          "-----   ----   ---------   -------------  ------------",
          "arena map counts")


class DebugMallocStat(typing.NamedTuple):
    """One size class of pymalloc: so many pools cut into blocks of one size.

    pool_size and pool_overhead are what the same text says about all pools.
    """
    block_class: int
    size: int
    num_pools: int
    blocks_in_use: int
    avail_blocks: int
    pool_size: int = 4096
    pool_overhead: int = 48

    def __repr__(self):
        return "%5d %6d %11d %15d %13d" % self[:5]

    @property
    def allocated_bytes(self):
        return self.blocks_in_use * self.size

    @property
    def available_bytes(self):
        return self.avail_blocks * self.size

    @property
    def pool_header_bytes(self):
        return self.num_pools * self.pool_overhead

    @property
    def quantization(self):
        """Bytes at the ends of the pools that are too few for a block."""
        room = self.pool_size - self.pool_overhead
        return self.num_pools * (room % self.size)


class DebugTypeStat(typing.NamedTuple):
    """One free list: dead objects of a type, kept to be used again."""
    free_count: int
    object_type: str
    bytes_each: int
    bytes_total: int

    def __repr__(self):
        return "{:>48} = {:>20,d}".format(
            "%d free %s * %d bytes each" % self[:3], self.bytes_total)


def _labelled(*rows):
    """Lines of what sys._debugmallocstats() puts beside its numbers."""
    return "\n".join("{:<34} = {:>20,d}".format(*row) for row in rows)


class DebugMallocArenas(typing.NamedTuple):
    """The arenas that pymalloc has from the system, to cut pools from."""
    ntimes_arena_allocated: int
    arenas_reclaimed: int
    narenas_highwater: int
    narenas: int
    arena_size: int
    arenas_total: int

    def __repr__(self):
        return _labelled(
            ("# arenas allocated total", self.ntimes_arena_allocated),
            ("# arenas reclaimed", self.arenas_reclaimed),
            ("# arenas highwater mark", self.narenas_highwater),
            ("# arenas allocated current", self.narenas),
            ("%d arenas * %d bytes/arena" % (self.narenas, self.arena_size),
             self.arenas_total))


class DebugMallocPoolsBlocks(typing.NamedTuple):
    """Where the bytes of all arenas are."""
    allocated_bytes: int
    available_bytes: int
    numfreepools: int
    pool_size: int
    unused_pool_total: int
    pool_header_bytes: int
    quantization: int
    arena_alignment: int
    total: int

    def __repr__(self):
        return _labelled(
            ("# bytes in allocated blocks", self.allocated_bytes),
            ("# bytes in available blocks", self.available_bytes),
            ("%d unused pools * %d bytes" % (self.numfreepools,
                                             self.pool_size),
             self.unused_pool_total),
            ("# bytes lost to pool headers", self.pool_header_bytes),
            ("# bytes lost to quantization", self.quantization),
            ("# bytes lost to arena alignment", self.arena_alignment),
            ("Total", self.total))


class Measure(typing.NamedTuple):
    """A line "label = value", or "count label = value"."""
    value: int
    count: typing.Optional[int] = None


def _number(text):
    return int(text.replace(",", ""))


def _section(label):
    """The name of the block of lines that begins with this label."""
    for start, section in (("# bytes lost to arena map", "arena map bytes"),
                           ("# arena map", "arena map counts"),
                           ("# bytes", "pools"),
                           ("Allocated", "mimalloc"),
                           ("Medium", "mimalloc"), ("Large", "mimalloc")):
        if label.startswith(start):
            return section
    return "arenas"


def _name(object_type):
    return (object_type.decode() if isinstance(object_type, bytes)
            else object_type)


class MallocStats:
    """A text of sys._debugmallocstats() and the numbers in it.

    small_block_threshold, size_classes   of the first line, or None
    malloc_stats    list of DebugMallocStat
    arenas          DebugMallocArenas, or None without pymalloc
    pools_blocks    DebugMallocPoolsBlocks, or None without pymalloc
    type_stats      list of DebugTypeStat
    sections        {section: {label: Measure}}, every other line
    values          the same as plain numbers
    types           {name: DebugTypeStat}
    allocator       "pymalloc", "mimalloc" or "malloc"
    """

    def __init__(self, text):
        self.text = (text if isinstance(text, str)
                     else text.decode(errors="replace"))
        self.small_block_threshold = None
        self.size_classes = None
        self.malloc_stats = []
        self.type_stats = []
        self.sections = {}
        self._parse()
        self.types = {stat.object_type: stat for stat in self.type_stats}

    def _parse(self):
        classes = []
        for block in self.text.split("\n\n"):
            if block.startswith(TITLES[0]):
                classes = _CLASS.findall(block)
            elif " free " in block:
                self.type_stats = [
                    DebugTypeStat(int(count), name, int(each), _number(total))
                    for count, name, each, total in _TYPE.findall(block)]
            else:
                self._parse_measures(block)
        self.arenas = self._make_arenas()
        self.pools_blocks = self._make_pools()
        pool = self._pool_size(classes)
        self.malloc_stats = [DebugMallocStat(*map(int, row), *pool)
                             for row in classes]

    def _parse_measures(self, block):
        head = _HEAD.match(block)
        if head:
            self.small_block_threshold, self.size_classes = map(
                int, head.groups())
        section = None
        for count, label, value, name, number in _MEASURE.findall(block):
            label = label or name
            section = section or _section(label)
            self.sections.setdefault(section, {})[label] = Measure(
                _number(value or number), int(count) if count else None)

    def _find(self, section, start):
        """The label and the measure of the line that starts so."""
        for label, measure in self.sections.get(section, {}).items():
            if label.startswith(start):
                return label, measure
        raise KeyError(start)

    def _make_arenas(self):
        try:
            label, total = self._find("arenas", "arenas * ")
            return DebugMallocArenas(
                *(self._find("arenas", "# arenas " + name)[1].value
                  for name in ("allocated total", "reclaimed",
                               "highwater mark", "allocated current")),
                int(label.split()[2]), total.value)
        except KeyError:
            return None

    def _make_pools(self):
        def value(start):
            return self._find("pools", start)[1].value
        try:
            label, unused = self._find("pools", "unused pools * ")
            return DebugMallocPoolsBlocks(
                value("# bytes in allocated"), value("# bytes in available"),
                unused.count, int(label.split()[3]), unused.value,
                value("# bytes lost to pool headers"),
                value("# bytes lost to quantization"),
                value("# bytes lost to arena alignment"), value("Total"))
        except KeyError:
            return None

    def _pool_size(self, classes):
        """The size and the overhead of a pool, if they are known."""
        pools = sum(int(row[2]) for row in classes)
        if self.pools_blocks is None or not pools:
            return ()
        return (self.pools_blocks.pool_size,
                self.pools_blocks.pool_header_bytes // pools)

    @property
    def allocator(self):
        if "mimalloc" in self.sections:
            return "mimalloc"
        return "malloc" if self.arenas is None else "pymalloc"

    @property
    def values(self):
        return {section: {label: measure.value
                          for label, measure in measures.items()}
                for section, measures in self.sections.items()}

    def object_types(self):
        """The names of the types that have a free list."""
        return self.types.keys()

    def has_object_type(self, object_type):
        return _name(object_type) in self.types

    def type_stat(self, object_type):
        """The free list of a type.  KeyError: it has none."""
        return self.types[_name(object_type)]

    def __repr__(self):
        return self.text


def is_known(line):
    """Is this line, without its end, one that CPython prints?"""
    return (not line or line in TITLES or
            any(pattern.match(line) for pattern in
                (_HEAD, _CLASS, _TYPE, _MEASURE)))
