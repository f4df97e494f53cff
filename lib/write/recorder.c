/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/recorder.h"

#include <stdlib.h>
#include <string.h>

/* How much of TEXT fits, up to the end of a character. */
static size_t
cut(const char *text, size_t size)
{
	if (size <= PMT_MESSAGE_MAX)
		return size;
	size = PMT_MESSAGE_MAX;
	while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
		size--;
	return size;
}

void
pmt_recorder_begin(struct pmt_recorder *recorder, char kind,
		   unsigned int columns, const char *message)
{
	size_t size = message == NULL ? 0 : strlen(message);
	char *shorter = NULL;

	if (size > PMT_MESSAGE_MAX)
		message = shorter = strndup(message, cut(message, size));
	recorder->kind = kind;
	recorder->columns = columns;
	recorder->ops->begin(recorder, message);
	free(shorter);
}

void
pmt_recorder_note(struct pmt_recorder *recorder, const struct pmt_note *note)
{
	struct pmt_note shorter = *note;

	shorter.size = cut(note->text, note->size);
	recorder->ops->note(recorder, &shorter);
}
