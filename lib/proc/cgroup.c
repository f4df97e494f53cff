/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"

/* The line of the v2 hierarchy (cgroups(7)): "0::/path". */
static int
find_group(struct pmt_procfs *fs, pid_t pid, char group[4096])
{
	char text[8192], *line, *save = NULL;
	ssize_t n = pmt_procfs_read(fs, pid, "cgroup", text, sizeof(text));

	if (n < 0)
		return (int)n;
	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		/* Outside of our namespace there is nothing to see. */
		if (strncmp(line, "0::/", 4) == 0 &&
		    strncmp(line, "0::/..", 6) != 0) {
			snprintf(group, 4096, "%s", line + 3);
			return 0;
		}
	}
	return -ENOENT;
}

/*
 * proc_pid_mountinfo(5): id parent device root mountpoint options [tags] -
 * type source options.  ROOT is what of the hierarchy is mounted.
 */
static int
find_mount(struct pmt_procfs *fs, char root[4096], char mount[4096])
{
	int err = -ENOENT, fd = openat(fs->dir, "self/mountinfo",
				       O_RDONLY | O_CLOEXEC);
	FILE *file = fd == -1 ? NULL : fdopen(fd, "r");
	char *line = NULL, *type;
	size_t size = 0;

	if (file == NULL) {
		if (fd != -1)
			close(fd);
		return -ENOENT;
	}
	while (err != 0 && getline(&line, &size, file) > 0) {
		type = strstr(line, " - ");
		if (type != NULL && strncmp(type, " - cgroup2 ", 11) == 0 &&
		    sscanf(line, "%*s %*s %*s %4095s %4095s", root, mount) == 2)
			err = 0;
	}
	free(line);
	fclose(file);
	if (err == 0) {
		mount[pmt_unescape(mount, strlen(mount), mount)] = '\0';
		root[pmt_unescape(root, strlen(root), root)] = '\0';
	}
	return err;
}

int
pmt_cgroup_find(struct pmt_procfs *fs, pid_t pid, char **path)
{
	char group[4096], root[4096], mount[4096], *below = group, *found;
	struct pmt_cgroup counters;
	int err = find_group(fs, pid, group);

	if (err == 0)
		err = find_mount(fs, root, mount);
	if (err != 0)
		return err;
	/* A container may have mounted no more than its own part. */
	if (strcmp(root, "/") != 0 &&
	    strncmp(group, root, strlen(root)) == 0)
		below = group + strlen(root);
	if (asprintf(&found, "%s%s", mount, below) == -1)
		return -ENOMEM;
	err = pmt_cgroup_read(found, &counters);
	if (err != 0) {
		free(found);
		return -ENOENT;
	}
	*path = found;
	return 0;
}

static int
read_text(const char *path, const char *name, char *text, size_t size)
{
	char full[8300];
	ssize_t n;
	int fd, err = 0;

	snprintf(full, sizeof(full), "%s/%s", path, name);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -errno;
	n = read(fd, text, size - 1);
	if (n == -1)
		err = -errno;
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return err;
}

int
pmt_cgroup_read(const char *path, struct pmt_cgroup *out)
{
	struct pmt_cgroup cgroup = { .max = PMT_CGROUP_NO_LIMIT };
	char text[1024];
	int err = read_text(path, "memory.current", text, sizeof(text));

	if (err != 0)
		return err;
	cgroup.current = strtoull(text, NULL, 10);
	err = read_text(path, "memory.max", text, sizeof(text));
	if (err != 0)
		return err;
	if (strncmp(text, "max", 3) != 0)
		cgroup.max = strtoull(text, NULL, 10);
	err = read_text(path, "memory.events", text, sizeof(text));
	if (err != 0)
		return err;
	pmt_procfs_field(text, "\nhigh ", &cgroup.high);
	pmt_procfs_field(text, "\noom ", &cgroup.oom);
	pmt_procfs_field(text, "\noom_kill ", &cgroup.oom_kill);
	*out = cgroup;
	return 0;
}

int
pmt_cgroup_pressure(const char *path, unsigned int *some)
{
	unsigned int percent, hundredths;
	char text[256];
	int err = read_text(path, "memory.pressure", text, sizeof(text));

	if (err != 0)
		return err;
	if (sscanf(text, "some avg10=%u.%2u", &percent, &hundredths) != 2)
		return -EBADMSG;
	*some = percent * 100 + hundredths;
	return 0;
}
