/* SPDX-License-Identifier: MIT */
/* hashtext.h - which number stands for a text, to look it up quickly? */
#ifndef PMT_HASHTEXT_H
#define PMT_HASHTEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

static inline uint64_t
pmt_hash_load(const char *p, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, p, n);
	return word;
}

static inline uint64_t
pmt_hash_mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	a = (a ^ b << 32 ^ b >> 32) * 0x9e3779b97f4a7c15u;
	return a ^ a >> 32;
#endif
}

/*
 * The hash of TEXT behind what HASH is of, a seed at first.  16 bytes a step;
 * the last two words may overlap those before.
 */
static inline uint64_t
pmt_hash_text(uint64_t hash, struct pmt_text text)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	const char *p = text.bytes, *end = p + text.length;
	uint64_t a, b;

	for (; end - p > 16; p += 16)
		hash = pmt_hash_mix(pmt_hash_load(p, 8) ^ odd,
				    pmt_hash_load(p + 8, 8) ^ hash);
	if (text.length >= 16) {
		a = pmt_hash_load(end - 16, 8);
		b = pmt_hash_load(end - 8, 8);
	} else if (text.length >= 8) {
		a = pmt_hash_load(p, 8);
		b = pmt_hash_load(end - 8, 8);
	} else if (text.length >= 4) {
		a = pmt_hash_load(p, 4);
		b = pmt_hash_load(end - 4, 4);
	} else {
		a = text.length == 0 ? 0 : (unsigned char)p[0];
		b = text.length == 0 ? 0 : pmt_hash_load(end - 1, 1) << 8 |
			pmt_hash_load(p + text.length / 2, 1);
	}
	return pmt_hash_mix(a ^ odd ^ text.length, b ^ hash);
}

#endif
