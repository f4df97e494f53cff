/* SPDX-License-Identifier: MIT */
/* digits.h - how are digits read eight at a time, and written by pairs? */
#ifndef PMT_DIGITS_H
#define PMT_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PMT_EACH_BYTE(b) (0x0101010101010101u * (b))

/* 1 to 8 characters as a word, first one on top, FILL where none is. */
static inline uint64_t
pmt_load_digits(const char *p, size_t n, unsigned char fill)
{
	uint64_t word = 0;

	memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ != __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	if (n < 8)
		word = word >> (64 - 8 * n) | PMT_EACH_BYTE(fill) << 8 * n;
	return word;
}

/* Eight decimal digits, the first on top; false when one is none. */
static inline bool
pmt_decimal_word(uint64_t word, uint64_t *value)
{
	uint64_t high = PMT_EACH_BYTE(0x80);
	uint64_t from_0 = (word & ~high) + PMT_EACH_BYTE(0x80 - '0');
	uint64_t after_9 = (word & ~high) + PMT_EACH_BYTE(0x7f - '9');

	if ((from_0 & ~after_9 & ~word & high) != high)
		return false;
	/* Join neighbours: digits, then pairs, then fours. */
	word &= PMT_EACH_BYTE(0x0f);
	word = (word & 0x00ff00ff00ff00ffu) +
	       (word >> 8 & 0x00ff00ff00ff00ffu) * 10;
	word = (word & 0x0000ffff0000ffffu) +
	       (word >> 16 & 0x0000ffff0000ffffu) * 100;
	*value = (word & 0xffffffffu) + (word >> 32) * 10000;
	return true;
}

/* Eight hexadecimal digits, the first on top; false when one is none. */
static inline bool
pmt_hex_word(uint64_t word, uint64_t *value)
{
	uint64_t high = PMT_EACH_BYTE(0x80);
	uint64_t plain = word & ~high, lower = plain | PMT_EACH_BYTE(0x20);
	uint64_t digit = (plain + PMT_EACH_BYTE(0x80 - '0')) &
			 ~(plain + PMT_EACH_BYTE(0x7f - '9'));
	uint64_t letter = (lower + PMT_EACH_BYTE(0x80 - 'a')) &
			  ~(lower + PMT_EACH_BYTE(0x7f - 'f'));

	if (((digit | letter) & ~word & high) != high)
		return false;
	word = (word & PMT_EACH_BYTE(0x0f)) +
	       (word >> 6 & PMT_EACH_BYTE(0x01)) * 9;
	word = (word | word >> 4) & 0x00ff00ff00ff00ffu;
	word = (word | word >> 8) & 0x0000ffff0000ffffu;
	*value = (word | word >> 16) & 0xffffffffu;
	return true;
}

/* The decimal number of N characters, N > 16, where it may not fit. */
static __attribute__((noinline)) bool
pmt_long_decimal(const char *p, size_t n, uint64_t *value)
{
	uint64_t all = 0, part;

	while (n > 0) {
		size_t now = (n - 1) % 8 + 1;

		if (!pmt_decimal_word(pmt_load_digits(p, now, '0'), &part) ||
		    all > UINT64_MAX / 100000000 ||
		    all * 100000000 > UINT64_MAX - part)
			return false;
		all = all * 100000000 + part;
		p += now;
		n -= now;
	}
	*value = all;
	return true;
}

/*
 * The decimal number of N characters at P.  Up to 7 bytes behind them may be
 * read.  Returns false when there is another character, or 64 bits are few.
 */
static inline bool
pmt_decimal(const char *p, size_t n, uint64_t *value)
{
	uint64_t upper, lower;

	if (n == 1 && *p >= '0' && *p <= '9') {
		*value = (uint64_t)(*p - '0');
		return true;
	}
	if (n - 1 < 8)
		return pmt_decimal_word(pmt_load_digits(p, n, '0'), value);
	if (n > 16 || n == 0)
		return n != 0 && pmt_long_decimal(p, n, value);
	if (!pmt_decimal_word(pmt_load_digits(p, n - 8, '0'), &upper) ||
	    !pmt_decimal_word(pmt_load_digits(p + n - 8, 8, '0'), &lower))
		return false;
	*value = upper * 100000000 + lower;
	return true;
}

/* The same for up to 16 hexadecimal digits. */
static inline bool
pmt_hex(const char *p, size_t n, uint64_t *value)
{
	uint64_t upper = 0, lower;

	if (n == 0 || n > 16)
		return false;
	if (n > 8) {
		if (!pmt_hex_word(pmt_load_digits(p, n - 8, '0'), &upper))
			return false;
		p += n - 8;
		n = 8;
	}
	if (!pmt_hex_word(pmt_load_digits(p, n, '0'), &lower))
		return false;
	*value = upper << 32 | lower;
	return true;
}

/* "00" to "99", and "00" to "ff". */
extern const char pmt_digit_pairs[201];
extern const char pmt_hex_pairs[513];

/* The digits of VALUE, ending before END; returns where they begin. */
static inline char *
pmt_digits_before(char *end, uint64_t value)
{
	while (value >= 100) {
		end -= 2;
		memcpy(end, pmt_digit_pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10) {
		end -= 2;
		memcpy(end, pmt_digit_pairs + 2 * value, 2);
	} else {
		*--end = (char)('0' + value);
	}
	return end;
}

/*
 * Does VALUE have at most WIDTH digits?  The widths are constants, so that the
 * table is only the compiler's.
 */
static inline __attribute__((always_inline)) bool
pmt_digits_fit(uint64_t value, int width)
{
	static const uint64_t power_of_ten[] = {
		1, UINT64_C(10), UINT64_C(100), UINT64_C(1000),
		UINT64_C(10000), UINT64_C(100000), UINT64_C(1000000),
		UINT64_C(10000000), UINT64_C(100000000),
		UINT64_C(1000000000), UINT64_C(10000000000),
		UINT64_C(100000000000), UINT64_C(1000000000000),
		UINT64_C(10000000000000), UINT64_C(100000000000000),
		UINT64_C(1000000000000000), UINT64_C(10000000000000000),
		UINT64_C(100000000000000000), UINT64_C(1000000000000000000),
		UINT64_C(10000000000000000000),
	};

	return value < power_of_ten[width];
}

#endif
