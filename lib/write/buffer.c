/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/buffer.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/keep.h"
#include "base/once.h"
#include "log/logtail.h"
#include "log/ownfile.h"

enum { MAPPING = PMT_LOGTAIL_TEXT + PMT_BUFFER_SIZE };

/* Buffers of plain memory that no log uses. */
static struct pmt_keep kept;

/* A child that wrote to a buffer would write into its parent's log. */
static void *
map(int flags, int fd)
{
	void *buffer = mmap(NULL, MAPPING, PROT_READ | PROT_WRITE,
			    flags | MAP_POPULATE, fd, 0);

	if (buffer == MAP_FAILED)
		return NULL;
	(void)madvise(buffer, MAPPING, MADV_DONTFORK);
	return buffer;
}

/* So they are not there in a child. */
static void
forget_kept(void)
{
	while (pmt_keep_take(&kept) != NULL)
		;
}

void *
pmt_buffer_new(void)
{
	void *buffer = pmt_keep_take(&kept);

	return buffer != NULL ? buffer
			      : map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

void *
pmt_buffer_of_file(const char *path, unsigned int mode)
{
	/* The log is locked: it is of no living writer. */
	int fd = pmt_ownfile_renew(path, PMT_LOGTAIL_MAGIC, MAPPING);
	void *buffer;

	if (fd < 0)
		return NULL;
	buffer = map(MAP_SHARED, fd);
	if (mode != 0)
		pmt_ignore(fchmod(fd, mode & 0444));
	close(fd);
	if (buffer == NULL)
		unlink(path);
	else	/* A page that is only mapped would fault at its first row. */
		memset(buffer, 0, MAPPING);
	return buffer;
}

void
pmt_buffer_unmap(void *buffer)
{
	munmap(buffer, MAPPING);
}

void
pmt_buffer_free(void *buffer)
{
	if (PMT_ONCE(pthread_atfork(NULL, NULL, forget_kept)) == 0)
		buffer = pmt_keep_put(&kept, buffer);
	if (buffer != NULL)
		pmt_buffer_unmap(buffer);
}
