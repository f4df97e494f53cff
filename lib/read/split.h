/* SPDX-License-Identifier: MIT */
/* split.h - cut a line into its blank-separated words, 64 bytes at a time. */
#ifndef PMT_SPLIT_H
#define PMT_SPLIT_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct pmt_marks {
	uint64_t blanks;	/* bit i: byte i is a blank or a newline */
	uint64_t newlines;
};

/* Bit i: byte i of the 8 at P is C. */
static inline uint64_t
pmt_mark_8(const char *p, unsigned char c)
{
	const uint64_t ones = 0x0101010101010101u, low = 0x7f * ones;
	uint64_t word;

	memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	word ^= c * ones;
	/* The top bit of each byte that is 0 now, then all of them together. */
	word = ~(((word & low) + low) | word | low);
	return (word >> 7) * 0x0102040810204080u >> 56;
}

static inline struct pmt_marks
pmt_mark_portably(const char *p)
{
	struct pmt_marks marks = { 0, 0 };

	for (int i = 0; i < 64; i += 8) {
		uint64_t newlines = pmt_mark_8(p + i, '\n');

		marks.newlines |= newlines << i;
		marks.blanks |= (newlines | pmt_mark_8(p + i, ' ')) << i;
	}
	return marks;
}

static inline struct pmt_marks
pmt_mark(const char *p)
{
#ifdef __SSE2__
	const __m128i blank = _mm_set1_epi8(' '), newline = _mm_set1_epi8('\n');
	const __m128i *v = (const __m128i *)p;
	struct pmt_marks marks = { 0, 0 };

#define PMT_MARK_16(i) do { \
	__m128i x = _mm_loadu_si128(v + (i)); \
	__m128i n = _mm_cmpeq_epi8(x, newline); \
	__m128i b = _mm_or_si128(n, _mm_cmpeq_epi8(x, blank)); \
	marks.newlines |= (uint64_t)_mm_movemask_epi8(n) << 16 * (i); \
	marks.blanks |= (uint64_t)_mm_movemask_epi8(b) << 16 * (i); \
} while (0)
	PMT_MARK_16(0);
	PMT_MARK_16(1);
	PMT_MARK_16(2);
	PMT_MARK_16(3);
#undef PMT_MARK_16
	return marks;
#else
	return pmt_mark_portably(p);
#endif
}

/*
 * Where the words of the line at P begin and end: EDGES gets two pointers a
 * word, and has room for 2 * MAX + 64.  The line's newline is before END,
 * behind which 64 bytes may be read.  Returns how many words, or -1 when the
 * line does not end before END or has more than MAX; *NEWLINE is where it ends.
 */
static inline int
pmt_split(const char *p, const char *end, const char **edges, int max,
	  const char **newline)
{
	uint64_t before = 1;	/* the byte before these 64 was a blank */
	int count = 0;

	*newline = end;
	for (; p < end; p += 64) {
		struct pmt_marks marks = pmt_mark(p);
		uint64_t changes = marks.blanks ^ (marks.blanks << 1 | before);

		before = marks.blanks >> 63;
		if (marks.newlines != 0)
			changes &= marks.newlines ^ (marks.newlines - 1);
		for (; changes != 0; changes &= changes - 1)
			edges[count++] = p + __builtin_ctzll(changes);
		if (count > 2 * max)
			return -1;
		if (marks.newlines != 0) {
			*newline = p + __builtin_ctzll(marks.newlines);
			return *newline < end ? count / 2 : -1;
		}
	}
	return -1;
}

/* The edges of words in the 64 bytes at P, of which it returns the number. */
static inline int
pmt_split_begin(const char *p, const char **edges)
{
	struct pmt_marks marks = pmt_mark(p);
	uint64_t changes = marks.blanks ^ (marks.blanks << 1 | 1);
	int count = 0;

	if (marks.newlines != 0)
		changes &= marks.newlines ^ (marks.newlines - 1);
	for (; changes != 0; changes &= changes - 1)
		edges[count++] = p + __builtin_ctzll(changes);
	return count;
}

#endif
