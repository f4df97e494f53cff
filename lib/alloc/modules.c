/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/modules.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc/own.h"
#include "alloc/sink.h"

/* Not dl_iterate_phdr(): whoever has its lock may wait for ours. */
#ifdef DLFO_STRUCT_HAS_EH_DBASE

enum { FIRST_ROOM = 128, LONGEST_ID = 64 };

static struct pmt_module *modules;
static uint32_t count, room, numbered;

bool
pmt_modules_work(void)
{
	return true;
}

static bool
make_room(void)
{
	uint32_t bigger = room == 0 ? FIRST_ROOM : 2 * room;
	void *grown;

	if (count < room)
		return true;
	grown = room == 0 ? pmt_own_get(bigger * sizeof(*modules))
			  : pmt_own_grow(modules, room * sizeof(*modules),
					 bigger * sizeof(*modules));
	if (grown == NULL)
		return false;
	modules = grown;
	room = bigger;
	return true;
}

/* The build-id among the notes from P to END, if it is there. */
static size_t
find_id(const uint8_t *p, const uint8_t *end, const uint8_t **id)
{
	while ((size_t)(end - p) >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)p;
		size_t name = (note->n_namesz + 3) & ~(size_t)3;
		size_t size = (note->n_descsz + 3) & ~(size_t)3;

		p += sizeof(*note);
		if (name > (size_t)(end - p) || size > (size_t)(end - p) - name)
			return 0;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    memcmp(p, "GNU", 4) == 0) {
			*id = p + name;
			return note->n_descsz < LONGEST_ID ? note->n_descsz
							   : LONGEST_ID;
		}
		p += name + size;
	}
	return 0;
}

static size_t
build_id(const struct dl_find_object *found, const uint8_t **id)
{
	const uint8_t *map = found->dlfo_map_start, *end = found->dlfo_map_end;
	const ElfW(Ehdr) *elf = (const void *)map;
	const uint8_t *base = (const void *)found->dlfo_link_map->l_addr;
	size_t size = 0;

	if ((size_t)(end - map) < 4096 || memcmp(map, ELFMAG, SELFMAG) != 0 ||
	    elf->e_phoff > 4096 ||
	    elf->e_phnum * sizeof(ElfW(Phdr)) > 4096 - elf->e_phoff)
		return 0;
	for (unsigned int i = 0; i < elf->e_phnum && size == 0; i++) {
		const ElfW(Phdr) *part = (const ElfW(Phdr) *)(const void *)
			(map + elf->e_phoff) + i;
		const uint8_t *notes = base + part->p_vaddr;

		if (part->p_type == PT_NOTE && notes >= map && notes < end &&
		    part->p_memsz <= (size_t)(end - notes))
			size = find_id(notes, notes + part->p_memsz, id);
	}
	return size;
}

/* An absolute path, as far as we know. */
static size_t
path_of(const char *name, char path[PATH_MAX])
{
	ssize_t size;
	size_t used = 0;

	if (*name == '\0') {
		size = readlink("/proc/self/exe", path, PATH_MAX);
		return size < 0 ? 0 : (size_t)size;
	}
	/* The vdso has a name and no file. */
	if (*name != '/' && strchr(name, '/') != NULL &&
	    getcwd(path, PATH_MAX / 2) != NULL) {
		used = strlen(path);
		path[used++] = '/';
	}
	size = (ssize_t)strnlen(name, PATH_MAX - used - 1);
	memcpy(path + used, name, (size_t)size);
	return used + (size_t)size;
}

static void
tell(const struct dl_find_object *found)
{
	char path[PATH_MAX];
	int before = errno;
	size_t size = path_of(found->dlfo_link_map->l_name, path);
	const uint8_t *id = NULL;
	size_t id_size = build_id(found, &id);
	uint8_t *p = pmt_sink_reserve(PATH_MAX + PMT_SINK_RECORD);

	*p++ = PMT_ALLOC_MORE | PMT_ALLOC_MODULE << 3;
	p = pmt_put_varint(p, (uintptr_t)found->dlfo_map_start -
				      found->dlfo_link_map->l_addr);
	p = pmt_put_name(p, path, size);
	pmt_sink_commit(pmt_put_name(p, (const char *)id, id_size));
	errno = before;
}

const struct pmt_module *
pmt_module_at(uintptr_t pc)
{
	struct dl_find_object found;
	struct pmt_module *module;

	for (uint32_t i = 0; i < count; i++)
		if (pc - (uintptr_t)modules[i].map <
		    (size_t)(modules[i].end - modules[i].map))
			return &modules[i];
	if (_dl_find_object((void *)pc, &found) != 0 || !make_room())
		return NULL;
	module = &modules[count++];
	*module = (struct pmt_module){
		.map = found.dlfo_map_start,
		.end = found.dlfo_map_end,
		.unwinding = found.dlfo_eh_frame,
		.ours = (uintptr_t)tell - (uintptr_t)found.dlfo_map_start <
			(size_t)((char *)found.dlfo_map_end -
				 (char *)found.dlfo_map_start),
	};
	if (!module->ours) {
		module->number = ++numbered;
		tell(&found);
	}
	return module;
}

void
pmt_modules_forget(void)
{
	count = 0;
}

void
pmt_modules_renumber(void)
{
	count = numbered = 0;
}

#else

bool
pmt_modules_work(void)
{
	return false;
}

const struct pmt_module *
pmt_module_at(uintptr_t pc)
{
	(void)pc;
	return NULL;
}

void
pmt_modules_forget(void)
{
}

void
pmt_modules_renumber(void)
{
}

#endif
