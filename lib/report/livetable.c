/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/livetable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/procfs.h"

enum { SIZE = sizeof(struct pmt_livetable) };

/* What was written before is there for whoever sees the new value. */
static void
publish(_Atomic uint64_t *to, uint64_t value)
{
	atomic_store_explicit(to, value, memory_order_release);
}

static uint64_t
seen(const _Atomic uint64_t *from)
{
	return atomic_load_explicit(from, memory_order_acquire);
}

/* FD is a new memory: let nobody cut it, and map it. */
static int
map_new(struct pmt_livetable_writer *writer, int fd)
{
	if (ftruncate(fd, SIZE) == -1 || fchmod(fd, 0600) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
				   F_SEAL_SEAL) == -1)
		return -errno;
	writer->table = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (writer->table != MAP_FAILED)
		return 0;
	writer->table = NULL;
	return -errno;
}

int
pmt_livetable_make(struct pmt_livetable_writer *writer, bool with_sizes)
{
	int fd = memfd_create(PMT_LIVETABLE_NAME,
			      MFD_CLOEXEC | MFD_ALLOW_SEALING), err;

	if (fd == -1)
		return -errno;
	err = map_new(writer, fd);
	if (err == 0)
		err = pmt_logfd_dup(&writer->file, fd);
	close(fd);
	if (err < 0) {
		if (writer->table != NULL)
			munmap(writer->table, SIZE);
		writer->table = NULL;
		return err;
	}
	writer->table->pid = getpid();
	writer->table->with_sizes = with_sizes;
	strcpy(writer->table->magic, PMT_LIVETABLE_MAGIC);
	return 0;
}

void
pmt_livetable_end(struct pmt_livetable_writer *writer)
{
	if (writer->table == NULL)
		return;
	munmap(writer->table, SIZE);
	writer->table = NULL;
	/* A daemon may have closed it, and the number be another's. */
	if (pmt_logfd_is_ours(&writer->file))
		(void)pmt_logfd_close(&writer->file);
}

static size_t
memory_of(const struct pmt_livetable *table)
{
	return seen(&table->row_count) * sizeof(*table->rows) +
	       seen(&table->name_bytes);
}

size_t
pmt_livetable_memory(const struct pmt_livetable_writer *writer)
{
	return writer->table == NULL ? 0 : memory_of(writer->table);
}

static void
set_books(struct pmt_livetable *table, const struct pmt_leaks *leaks,
	  const struct pmt_sites *sites)
{
	publish(&table->books, memory_of(table) + pmt_leaks_memory(leaks) +
			       pmt_sites_memory(sites));
}

/* Put names there up to the number LAST.  False: there is no room. */
static bool
put_names(struct pmt_livetable *table, const struct pmt_sites *sites,
	  uint32_t last)
{
	uint64_t count = seen(&table->name_count);
	uint64_t used = seen(&table->name_bytes);

	for (; count <= last; count++) {
		struct pmt_text name = pmt_sites_name(sites, (uint32_t)count);
		uint32_t length = (uint32_t)name.length;

		if (PMT_LIVETABLE_NAMES - used < sizeof(length) + name.length)
			return false;
		memcpy(table->names + used, &length, sizeof(length));
		memcpy(table->names + used + sizeof(length), name.bytes,
		       name.length);
		used += sizeof(length) + name.length;
		publish(&table->name_bytes, used);
		publish(&table->name_count, count + 1);
	}
	return true;
}

static uint32_t
last_name(const struct pmt_site *site)
{
	const uint32_t names[] = {
		site->type, site->file, site->function, site->own_file,
		site->own_function,
	};
	uint32_t last = 0;

	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++)
		if (names[i] != PMT_NO_PART && names[i] > last)
			last = names[i];
	return last;
}

static void
set_counts(struct pmt_livetable_row *row, const struct pmt_site_life *life,
	   uint64_t sample)
{
	atomic_store_explicit(&row->made, life->made * sample,
			      memory_order_relaxed);
	atomic_store_explicit(&row->live, life->live * sample,
			      memory_order_relaxed);
	atomic_store_explicit(&row->bytes, life->bytes * (int64_t)sample,
			      memory_order_relaxed);
}

/* Rows up to SITE, which is new. */
static void
add_rows(struct pmt_livetable *table, uint32_t site,
	 const struct pmt_leaks *leaks, const struct pmt_sites *sites)
{
	uint64_t count = seen(&table->row_count);

	for (; count <= site && count < PMT_LIVETABLE_ROWS; count++) {
		struct pmt_livetable_row *row = &table->rows[count];
		const struct pmt_site_life *life =
			pmt_leaks_site(leaks, (uint32_t)count);

		row->site = *pmt_sites_get(sites, (uint32_t)count);
		if (!put_names(table, sites, last_name(&row->site)))
			break;
		if (life != NULL)
			set_counts(row, life, pmt_leaks_sample(leaks));
		publish(&table->row_count, count + 1);
	}
	publish(&table->left_out, count > site ? 0 : site + 1 - count);
}

void
pmt_livetable_set(struct pmt_livetable_writer *writer, uint32_t site,
		  const struct pmt_leaks *leaks, const struct pmt_sites *sites)
{
	struct pmt_livetable *table = writer->table;
	const struct pmt_site_life *life = pmt_leaks_site(leaks, site);

	if (table == NULL)
		return;
	if (pmt_unlikely(site >= atomic_load_explicit(&table->row_count,
						      memory_order_relaxed)))
		add_rows(table, site, leaks, sites);
	else
		set_counts(&table->rows[site], life, pmt_leaks_sample(leaks));
	/* They grow with what is alive. */
	if (pmt_unlikely(life->made % 1024 == 1))
		set_books(table, leaks, sites);
}

static void
set_noted(struct pmt_livetable_memory *noted,
	  const struct pmt_footprint *footprint)
{
	if (!footprint->noted)
		return;
	atomic_fetch_add(&noted->changes, 1);
	noted->clock = footprint->clock;
	noted->memory = footprint->memory;
	atomic_fetch_add(&noted->changes, 1);
}

void
pmt_livetable_set_all(struct pmt_livetable_writer *writer,
		      const struct pmt_leaks *leaks,
		      const struct pmt_sites *sites)
{
	struct pmt_livetable *table = writer->table;
	uint64_t count;

	if (table == NULL)
		return;
	count = seen(&table->row_count);
	for (uint32_t site = 0; site < count; site++)
		pmt_livetable_set(writer, site, leaks, sites);
	set_noted(&table->noted, &pmt_leaks_footprints(leaks)->end);
}

bool
pmt_livetable_noted(const struct pmt_livetable *table, int64_t *clock,
		    struct pmt_memory *memory)
{
	const struct pmt_livetable_memory *noted = &table->noted;

	for (int i = 0; i < 100; i++) {
		uint32_t before = atomic_load(&noted->changes);

		*clock = noted->clock;
		*memory = noted->memory;
		memory->allocator[sizeof(memory->allocator) - 1] = '\0';
		atomic_thread_fence(memory_order_acquire);
		if (before % 2 == 0 && before == atomic_load(&noted->changes))
			return before > 0;
	}
	return false;
}

/* Is it what the name says, and safe to read? */
static int
map_theirs(int fd, pid_t pid, const struct pmt_livetable **out)
{
	int seals = fcntl(fd, F_GET_SEALS);
	const struct pmt_livetable *table;
	struct stat st;

	if (seals == -1 || (seals & F_SEAL_SHRINK) == 0 ||
	    fstat(fd, &st) == -1 || st.st_size != SIZE)
		return -ENOENT;
	table = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (table == MAP_FAILED)
		return -errno;
	if (strncmp(table->magic, PMT_LIVETABLE_MAGIC,
		    sizeof(table->magic)) != 0 || table->pid != pid) {
		munmap((void *)(uintptr_t)table, SIZE);
		return -ENOENT;
	}
	*out = table;
	return 0;
}

/* Descriptor NUMBER of those in DIRECTORY. */
static int
open_one(int directory, const char *number, pid_t pid,
	 const struct pmt_livetable **table)
{
	static const char name[] = "/memfd:" PMT_LIVETABLE_NAME;
	char target[64];
	ssize_t length = readlinkat(directory, number, target,
				    sizeof(target) - 1);
	int fd, err;

	if (length < (ssize_t)sizeof(name) - 1 ||
	    memcmp(target, name, sizeof(name) - 1) != 0)
		return -ENOENT;
	fd = openat(directory, number, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -errno;
	err = map_theirs(fd, pid, table);
	close(fd);
	return err;
}

int
pmt_livetable_open(pid_t pid, const struct pmt_livetable **table)
{
	struct pmt_procfs *fs;
	struct dirent *entry;
	DIR *files;
	int err = pmt_procfs_open(NULL, &fs);

	if (err < 0)
		return err;
	err = pmt_procfs_opendir(fs, pid, "fd", &files);
	pmt_procfs_close(fs);
	if (err < 0)
		return err;
	err = -ENOENT;
	while (err == -ENOENT && (entry = readdir(files)) != NULL)
		err = open_one(dirfd(files), entry->d_name, pid, table);
	closedir(files);
	return err;
}

void
pmt_livetable_close(const struct pmt_livetable *table)
{
	munmap((void *)(uintptr_t)table, SIZE);
}
