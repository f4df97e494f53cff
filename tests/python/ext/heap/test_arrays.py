# SPDX-License-Identifier: MIT
"""Arrays of NumPy hold what they show and what they contain."""
import sys
import unittest

import pmt
import pmttest
from heapfile import HeapFile

try:
    import numpy
except ImportError:
    numpy = None


class Anything:
    pass


@unittest.skipUnless(isinstance(pmt.Holder, type),
                     "the heap of this CPython is not walked")
@unittest.skipUnless(numpy, "there is no NumPy here")
class ArraysTest(pmttest.TestCase):

    def held(self, asked):
        return [(holder.count, holder.path) for holder in pmt.holders(asked)]

    def test_a_view_holds_its_base(self):
        global column
        column = numpy.arange(80.).reshape(8, 10)[3]
        self.assertEqual(self.held([column.base]),
                         [(1, "__main__.column.base")])

    def test_items(self):
        global items, cube, point
        items = numpy.array([Anything() for _ in range(9)] + [None])
        point = numpy.array(Anything(), dtype=object)
        cube = numpy.full((2, 3, 4), Anything(), dtype=object, order="F")
        self.assertEqual(sorted(self.held(Anything)),
                         [(1, "__main__.cube[*]"), (1, "__main__.point[*]"),
                          (9, "__main__.items[*]")])
        del point
        # A view of them holds none itself.
        part = items[2:5]
        self.assertEqual(len(pmt.holders(Anything)), 2)
        del items, cube
        holder, = pmt.holders(Anything)
        self.assertEqual((holder.count, holder.kind), (9, "frame"))
        self.assertTrue(holder.path.endswith(" local part.base[*]"), holder)

    def test_objects_in_packed_records_are_not_leaked(self):
        for first in ("i1", "i2", "i4"):
            records = numpy.zeros(200, dtype=[("number", first),
                                              ("object", "O")])
            for record in records:
                record["object"] = Anything()
            self.assertNotIn("leaked", [holder.kind for holder
                                        in pmt.holders(Anything)], first)
            del record, records

    def test_sizes_are_those_of_getsizeof(self):
        class Derived(numpy.ndarray):
            pass
        whole = numpy.zeros((100, 7))
        kept = [whole, whole[::-2], whole.T, numpy.zeros(0),
                numpy.zeros((3, 0)), numpy.ones((5, 1, 2), numpy.int8),
                numpy.asfortranarray(numpy.ones((4, 5))),
                numpy.array(["abc", "d"]), numpy.array(None), Derived((3, 4))]
        pmt.heap_snapshot(self.path("x.pmtheap"))
        file = HeapFile(self.path("x.pmtheap"))
        for array in kept:
            self.assertEqual(file.by_address[id(array)].size,
                             (sys.getsizeof(array) + 7) // 8 * 8, array)


if __name__ == "__main__":
    pmttest.main()
