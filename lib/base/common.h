/* SPDX-License-Identifier: MIT */
/* common.h - what the compiler should check for us. */
#ifndef PMT_COMMON_H
#define PMT_COMMON_H

#define PMT_MUST_CHECK __attribute__((warn_unused_result))
#define PMT_PRINTF(text, args) __attribute__((format(printf, text, args)))
#define PMT_PUBLIC __attribute__((visibility("default")))
/* Of another file, but of this library or module: found without its table. */
#define PMT_HIDDEN __attribute__((visibility("hidden")))

/* Of no use in the path that counts: kept out of it. */
#define PMT_COLD __attribute__((cold, noinline))

#define pmt_likely(x) __builtin_expect(!!(x), 1)
#define pmt_unlikely(x) __builtin_expect(!!(x), 0)

/* Elements of an array; a pointer does not compile. */
#define PMT_ARRAY_SIZE(a) \
	(sizeof(a) / sizeof((a)[0]) + 0 * sizeof(struct { \
		int size; \
		_Static_assert(!__builtin_types_compatible_p( \
			__typeof__(a), __typeof__(&(a)[0])), "a pointer"); \
	}))

/*
 * For results that PMT_MUST_CHECK, where a failure changes nothing of what
 * follows and has nobody to be told to.  A cast to void does not silence gcc.
 */
static inline void
pmt_ignore(int result)
{
	(void)result;
}

#endif
