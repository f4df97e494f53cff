/* SPDX-License-Identifier: MIT */
/* escape.h - how do names and messages stay one word, one line, of a log? */
#ifndef PMT_ESCAPE_H
#define PMT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* Room for N bytes, each written as \ooo at worst, and the final NUL. */
#define PMT_ESCAPED_SIZE(n) (4 * (n) + 2)

/*
 * How many bytes has the character that begins the N, at least one, at IN?
 * What is no UTF-8 is a character of one byte.  *SAFE: a terminal shows it, and
 * does not obey it, hide it, or turn its neighbours around.
 */
size_t pmt_character(const char *in, size_t n, bool *safe);

/*
 * Write the N bytes of a name as one blank-free word: of blanks, backslashes
 * and characters that are not safe each byte becomes a backslash and three
 * octal digits, as in mount tables; other UTF-8 stays as it is.  The empty name
 * becomes a lone backslash, because a column must not vanish.  OUT holds
 * PMT_ESCAPED_SIZE(n) bytes and ends in a NUL.  Returns the length without that
 * NUL.
 */
size_t pmt_escape_name(const char *in, size_t n, char *out);

/* The same for the text of a message, where blanks stay blanks. */
size_t pmt_escape_text(const char *in, size_t n, char *out);

/*
 * Undo either.  A backslash that starts no \000 to \377 stays, since files of
 * other writers escape nothing.  OUT holds N bytes, may be IN itself, and gets
 * no NUL: names may hold that byte too.  Returns the length.
 */
size_t pmt_unescape(const char *in, size_t n, char *out);

#endif
