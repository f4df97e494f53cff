/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/event.h"

/* Elsewhere offsets come in other ways, and maps are not noted. */
#ifdef __LP64__

/* Straight to the kernel: what libc's own do, and no dlsym() at start-up. */
static void *
map(void *address, size_t size, int protection, int flags, int fd, off_t from)
{
	return (void *)syscall(SYS_mmap, address, size, protection, flags, fd,
			       from);
}

static inline bool
is_memory(int flags)
{
	return (flags & MAP_ANONYMOUS) != 0;
}

PMT_PUBLIC void *
mmap(void *address, size_t size, int protection, int flags, int fd, off_t from)
{
	bool noted = (is_memory(flags) || (flags & MAP_FIXED) != 0) &&
		     pmt_event_enter();
	void *p = map(address, size, protection, flags, fd, from);
	int before = errno;

	if (!noted)
		return p;
	if (p != MAP_FAILED) {
		/* In the place of what was there. */
		if ((flags & MAP_FIXED) != 0)
			pmt_event_unmap(p, size);
		if (is_memory(flags))
			pmt_event_map(p, size);
	}
	pmt_event_leave();
	errno = before;
	return p;
}

#undef mmap64
PMT_PUBLIC void *
mmap64(void *address, size_t size, int protection, int flags, int fd,
       off_t from)
{
	return mmap(address, size, protection, flags, fd, from);
}

PMT_PUBLIC int
munmap(void *address, size_t size)
{
	bool noted = pmt_event_enter();
	int result = (int)syscall(SYS_munmap, address, size), before = errno;

	if (!noted)
		return result;
	if (result == 0)
		pmt_event_unmap(address, size);
	pmt_event_leave();
	errno = before;
	return result;
}

PMT_PUBLIC void *
mremap(void *address, size_t size, size_t new_size, int flags, ...)
{
	bool noted = pmt_event_enter();
	void *fixed = NULL, *p;
	va_list more;
	int before;

	va_start(more, flags);
	if ((flags & MREMAP_FIXED) != 0)
		fixed = va_arg(more, void *);
	va_end(more);
	p = (void *)syscall(SYS_mremap, address, size, new_size, flags, fixed);
	before = errno;
	if (!noted)
		return p;
	if (p != MAP_FAILED)
		pmt_event_remap(address, size, p, new_size);
	pmt_event_leave();
	errno = before;
	return p;
}

#endif
