/* SPDX-License-Identifier: MIT */
/* Whatever stands in /proc, what is told of a process is sound. */
/* Needs src/cli/commandline.c */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commandline.h"
#include "proc/cgroup.h"
#include "proc/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No group has it, so that the input names the group of its counters. */
enum { SEPARATOR = 0x1e };

static const char *const names[] = {
	"7/stat", "7/statm", "7/status", "7/smaps_rollup", "7/io",
	"7/cmdline", "7/net/tcp", "7/cgroup", "self/mountinfo",
	"memory.current", "memory.max", "memory.events",
};
static const char *const folders[] = { "self", "7", "7/net", "7/fd" };
static const char open_socket[] = "7/fd/3";
/* Not on a disk, some of which take long to cut a file. */
static char root[] = "/dev/shm/pmt-fuzz-XXXXXX";
static int files[PMT_ARRAY_SIZE(names)];
static struct pmt_procfs *fs;

static void
clear_away(void)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++)
		unlinkat(fs->dir, names[i], 0);
	unlinkat(fs->dir, open_socket, 0);
	for (size_t i = PMT_ARRAY_SIZE(folders); i-- > 0;)
		unlinkat(fs->dir, folders[i], AT_REMOVEDIR);
	rmdir(root);
}

static void
begin(void)
{
	if (mkdtemp(root) == NULL || pmt_procfs_open(root, &fs) < 0)
		abort();
	atexit(clear_away);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(folders); i++)
		if (mkdirat(fs->dir, folders[i], 0700) == -1)
			abort();
	if (symlinkat("socket:[4711]", fs->dir, open_socket) == -1)
		abort();
	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		files[i] = openat(fs->dir, names[i], O_RDWR | O_CREAT |
				  O_CLOEXEC, 0600);
		if (files[i] == -1)
			abort();
	}
}

/* One file after the other; those that are left over are empty. */
static void
fill(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		const uint8_t *end = size == 0 ? NULL
					       : memchr(data, SEPARATOR, size);
		size_t length = end == NULL ? size : (size_t)(end - data);

		if (ftruncate(files[i], 0) == -1 ||
		    pwrite(files[i], data, length, 0) != (ssize_t)length)
			abort();
		length += end != NULL;
		data += length;
		size -= length;
	}
}

static void
check_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == '\177')
			abort();
}

static void
check_proc(void)
{
	struct pmt_proc proc;
	char *line;

	memset(&proc, 0xa5, sizeof(proc));
	if (pmt_proc_read(fs, 7, ~0u, &proc) < 0) {
		for (size_t i = 0; i < sizeof(proc); i++)
			if (((unsigned char *)&proc)[i] != 0xa5)
				abort();
		return;
	}
	if (proc.pid != 7 || proc.state == '\0' || proc.files != 0 ||
	    proc.fds != 1 || proc.sockets > 1 ||
	    memchr(proc.name, '\0', sizeof(proc.name)) == NULL)
		abort();
	line = cli_command_line(fs, &proc);
	if (line == NULL)
		abort();
	check_line(line);
	free(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pmt_cgroup cgroup;
	char *path = NULL;

	if (fs == NULL)
		begin();
	fill(data, size);
	pmt_sockets_forget(&fs->sockets);
	check_proc();
	if (pmt_cgroup_find(fs, 7, &path) == 0) {
		if (path[0] == '\0')
			abort();
		free(path);
	}
	if (pmt_cgroup_read(root, &cgroup) != 0)
		abort();
	return 0;
}
