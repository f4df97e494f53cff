/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/symbols.h"

#ifdef HAVE_ELFUTILS

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyse/symboltable.h"
#include "cli/cli.h"

/* What a module of the log has as its symbols. */
struct program {
	Dwfl_Module *module;
	struct symboltable *table;
	struct program *next;
};

struct symbols {
	struct reading *reading;
	Dwfl *dwfl;
	struct program *programs;
	/* Demangled, until the next call. */
	char *names[PMT_MOST_INLINED];
	size_t name_count;
};

/* What stands in a file for one address. */
struct place {
	Dwfl_Module *module;
	Dwarf_Addr address;
	const char *file;
	int line;
};

struct symbols *
symbols_new(struct reading *reading)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	struct symbols *symbols = cli_need(calloc(1, sizeof(*symbols)));

	/* elfutils would ask these servers for what is not there. */
	unsetenv("DEBUGINFOD_URLS");
	symbols->reading = reading;
	symbols->dwfl = cli_need(dwfl_begin(&callbacks));
	return symbols;
}

static void
forget_names(struct symbols *symbols)
{
	while (symbols->name_count > 0)
		free(symbols->names[--symbols->name_count]);
}

void
symbols_free(struct symbols *symbols)
{
	if (symbols == NULL)
		return;
	forget_names(symbols);
	while (symbols->programs != NULL) {
		struct program *program = symbols->programs;

		symbols->programs = program->next;
		symboltable_free(program->table);
		free(program);
	}
	dwfl_end(symbols->dwfl);
	free(symbols);
}

/* A log may name anything: only a file, and without waiting. */
static int
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd == -1)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

static bool
is_loaded_one(Dwfl_Module *found, const struct pmt_alloc_module *module)
{
	const unsigned char *id;
	GElf_Addr address;
	int size = dwfl_module_build_id(found, &id, &address);

	return module->id_size == 0 ||
	       (size > 0 && (size_t)size == module->id_size &&
		memcmp(id, module->id, module->id_size) == 0);
}

static void
say_nameless(struct symbols *symbols, const struct pmt_alloc_module *module,
	     const char *why)
{
	reading_say(symbols->reading, LEVEL_WARNING, 0,
		    "no names of functions in '%s': %s", module->path, why);
}

static struct program *
new_program(struct symbols *symbols, Dwfl_Module *module)
{
	struct program *program = cli_need(calloc(1, sizeof(*program)));

	program->module = module;
	program->table = symboltable_new(module);
	program->next = symbols->programs;
	symbols->programs = program;
	return program;
}

/* The file of MODULE, if it is there and the one that was loaded. */
static const struct program *
find_program(struct symbols *symbols, struct pmt_alloc_module *module)
{
	Dwfl_Module *found = NULL;
	GElf_Addr bias;
	int fd;

	if (module->looked)
		return module->symbols;
	module->looked = true;
	/* What the kernel maps into each process has no file. */
	if (module->path[0] != '/')
		return NULL;
	fd = open_file(module->path);
	if (fd < 0) {
		say_nameless(symbols, module, strerror(-fd));
		return NULL;
	}
	dwfl_report_begin_add(symbols->dwfl);
	found = dwfl_report_offline(symbols->dwfl, "", module->path, fd);
	dwfl_report_end(symbols->dwfl, NULL, NULL);
	if (found == NULL)
		close(fd);
	if (found == NULL || dwfl_module_getelf(found, &bias) == NULL) {
		say_nameless(symbols, module, dwfl_errmsg(-1));
		return NULL;
	}
	if (!is_loaded_one(found, module)) {
		say_nameless(symbols, module, "another file was loaded");
		return NULL;
	}
	module->symbols = new_program(symbols, found);
	return module->symbols;
}

#ifdef HAVE_DEMANGLE
extern char *__cxa_demangle(const char *name, char *out, size_t *size,
			    int *status);
#else
#define __cxa_demangle(name, out, size, status) NULL
#endif

/* Rust's older names end in "::h" and 16 digits that tell nobody anything. */
static void
cut_hash(char *name)
{
	size_t length = strlen(name);

	if (length > 19 && strncmp(name + length - 19, "::h", 3) == 0 &&
	    strspn(name + length - 16, "0123456789abcdef") == 16)
		name[length - 19] = '\0';
}

static struct pmt_text
readable(struct symbols *symbols, const char *name)
{
	char *plain = strncmp(name, "_Z", 2) == 0
		? __cxa_demangle(name, NULL, NULL, &(int){ 0 }) : NULL;

	if (plain != NULL) {
		cut_hash(plain);
		symbols->names[symbols->name_count++] = plain;
		name = plain;
	}
	/* What follows is the version of a symbol. */
	return (struct pmt_text){ name, strcspn(name, "@") };
}

static void
add(struct symbols *symbols, const struct place *place, const char *name,
    struct pmt_symbol *symbol)
{
	*symbol = (struct pmt_symbol){
		.function = readable(symbols, name),
		.file = { place->file, place->file == NULL
			  ? 0 : strlen(place->file) },
		.line = place->line > 0 ? (uint32_t)place->line : 0,
	};
}

static const char *
name_of(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *name = dwarf_formstring(dwarf_attr_integrate(
		die, DW_AT_linkage_name, &attribute));

	return name != NULL ? name : dwarf_diename(die);
}

/* From what was inlined to where that was. */
static void
go_out(struct place *place, Dwarf_Die *unit, Dwarf_Die *inlined)
{
	Dwarf_Attribute attribute;
	Dwarf_Files *files;
	Dwarf_Word value;

	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute),
			    &value) == 0)
		place->line = (int)value;
	if (dwarf_getsrcfiles(unit, &files, NULL) == 0 &&
	    dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute),
			    &value) == 0)
		place->file = dwarf_filesrc(files, value, NULL, NULL);
}

/* Functions that were inlined where PLACE is, which goes out of them. */
static size_t
add_inlined(struct symbols *symbols, struct place *place,
	    struct pmt_symbol *found, size_t room)
{
	Dwarf_Addr bias = 0;
	Dwarf_Die *unit = dwfl_module_addrdie(place->module, place->address,
					      &bias);
	Dwarf_Die *around = NULL, *scopes = NULL;
	int count = unit == NULL ? 0 : dwarf_getscopes(
		unit, place->address - bias, &around);
	size_t added = 0;

	/* The innermost is where it is in the code; of that, those around. */
	if (count > 0)
		count = dwarf_getscopes_die(&around[0], &scopes);
	for (int i = 0; i < count && added < room; i++) {
		const char *name = name_of(&scopes[i]);

		if (dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine)
			continue;
		add(symbols, place, name == NULL ? "?" : name,
		    &found[added++]);
		go_out(place, unit, &scopes[i]);
	}
	free(scopes);
	free(around);
	return added;
}

size_t
symbols_name(void *arg, struct pmt_alloc_module *module, uint64_t address,
	     struct pmt_symbol found[PMT_MOST_INLINED])
{
	struct symbols *symbols = arg;
	const struct program *program = find_program(symbols, module);
	struct place place = { 0 };
	GElf_Addr bias;
	Dwfl_Line *line;
	const char *name;
	size_t count;

	forget_names(symbols);
	if (program == NULL ||
	    dwfl_module_getelf(program->module, &bias) == NULL)
		return 0;
	place.module = program->module;
	place.address = address + bias;
	name = symboltable_find(program->table, place.address);
	if (name == NULL)
		return 0;
	line = dwfl_module_getsrc(place.module, place.address);
	if (line != NULL)
		place.file = dwfl_lineinfo(line, NULL, &place.line, NULL,
					   NULL, NULL);
	count = add_inlined(symbols, &place, found, PMT_MOST_INLINED - 1);
	add(symbols, &place, name, &found[count]);
	return count + 1;
}

#else

struct symbols *
symbols_new(struct reading *reading)
{
	(void)reading;
	return NULL;
}

void
symbols_free(struct symbols *symbols)
{
	(void)symbols;
}

size_t
symbols_name(void *arg, struct pmt_alloc_module *module, uint64_t address,
	     struct pmt_symbol found[PMT_MOST_INLINED])
{
	(void)arg;
	(void)module;
	(void)address;
	(void)found;
	return 0;
}

#endif
