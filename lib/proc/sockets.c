/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"

void
pmt_sockets_forget(struct pmt_sockets *sockets)
{
	free(sockets->inodes);
	*sockets = (struct pmt_sockets){ 0 };
}

static int
add_inode(struct pmt_sockets *sockets, uint64_t inode)
{
	if (pmt_array_reserve((void **)&sockets->inodes, sizeof(inode),
			      sockets->count, &sockets->room) != 0)
		return -ENOMEM;
	sockets->inodes[sockets->count++] = inode;
	return 0;
}

/* A protocol that this kernel has not is no error. */
static int
read_table(struct pmt_sockets *sockets, int dir, pid_t pid, const char *name)
{
	char path[64], line[512];
	uint64_t inode;
	FILE *file;
	int fd, err = 0;

	snprintf(path, sizeof(path), "%jd/net/%s", (intmax_t)pid, name);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	file = fd == -1 ? NULL : fdopen(fd, "r");
	if (file == NULL) {
		err = errno == ENOENT ? 0 : -errno;
		if (fd != -1)
			close(fd);
		return err;
	}
	/* sl local remote st queues timer retransmits uid timeout inode */
	while (err == 0 && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64,
			   &inode) == 1)
			err = add_inode(sockets, inode);
	}
	fclose(file);
	return err;
}

static int
compare_inodes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int
pmt_sockets_read(struct pmt_sockets *sockets, int dir, pid_t pid)
{
	static const char *const tables[] = { "tcp", "tcp6", "udp", "udp6" };
	char path[64], namespace[sizeof(sockets->namespace)] = "";
	int err = 0;

	snprintf(path, sizeof(path), "%jd/ns/net", (intmax_t)pid);
	/* Unreadable or a copy without it: then all share one table. */
	if (readlinkat(dir, path, namespace, sizeof(namespace) - 1) == -1)
		namespace[0] = '\0';
	if (sockets->known && strcmp(sockets->namespace, namespace) == 0)
		return 0;

	pmt_sockets_forget(sockets);
	for (size_t i = 0; err == 0 && i < PMT_ARRAY_SIZE(tables); i++)
		err = read_table(sockets, dir, pid, tables[i]);
	if (err != 0) {
		pmt_sockets_forget(sockets);
		return err;
	}
	if (sockets->count > 0)
		qsort(sockets->inodes, sockets->count,
		      sizeof(*sockets->inodes), compare_inodes);
	memcpy(sockets->namespace, namespace, sizeof(namespace));
	sockets->known = true;
	return 0;
}

#define PREFIX "socket:["

bool
pmt_sockets_is_one(const char *link)
{
	return strncmp(link, PREFIX, strlen(PREFIX)) == 0;
}

bool
pmt_sockets_has(const struct pmt_sockets *sockets, const char *link)
{
	uint64_t inode;

	if (!pmt_sockets_is_one(link))
		return false;
	inode = strtoull(link + strlen(PREFIX), NULL, 10);
	return sockets->count > 0 &&
	       bsearch(&inode, sockets->inodes, sockets->count,
		       sizeof(inode), compare_inodes) != NULL;
}
