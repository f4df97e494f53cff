/* SPDX-License-Identifier: MIT */
#include <config.h>

#ifdef HAVE_ELFUTILS

#include "analyse/symboltable.h"

#include <stdbool.h>
#include <stdlib.h>

#include "cli/cli.h"

struct function {
	Dwarf_Addr start, end;
	Dwarf_Addr reach;	/* the greatest end up to this one */
	const char *name;
	bool sized;		/* or it ends with its section */
	int rank;		/* of those with one start the highest counts */
	int index;
};

struct symboltable {
	struct function *functions;
	size_t count;
};

/* Labels in assembler may have neither a type nor a size. */
static bool
is_function(const GElf_Sym *symbol, const char *name)
{
	int type = GELF_ST_TYPE(symbol->st_info);

	return name != NULL && name[0] != '\0' && name[0] != '$' &&
	       symbol->st_shndx != SHN_UNDEF &&
	       (type == STT_FUNC || type == STT_GNU_IFUNC ||
		type == STT_NOTYPE);
}

static int
rank_of(const GElf_Sym *symbol)
{
	static const int by_binding[] = {
		[STB_LOCAL] = 0, [STB_WEAK] = 1, [STB_GLOBAL] = 2,
	};
	unsigned int binding = GELF_ST_BIND(symbol->st_info);

	return (symbol->st_size > 0 ? 3 : 0) +
	       (binding < PMT_ARRAY_SIZE(by_binding) ? by_binding[binding]
						     : 2);
}

/* Of a symbol without a size: nothing of another section is its own. */
static Dwarf_Addr
section_end(Elf *elf, GElf_Word index, Dwarf_Addr bias, Dwarf_Addr start)
{
	GElf_Shdr header;
	Elf_Scn *section = elf == NULL ? NULL : elf_getscn(elf, index);

	if (section == NULL || gelf_getshdr(section, &header) == NULL)
		return start + 1;
	return header.sh_addr + bias + header.sh_size;
}

static int
compare(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank - y->rank;
	return y->index - x->index;
}

struct symboltable *
symboltable_new(Dwfl_Module *module)
{
	struct symboltable *table = cli_need(calloc(1, sizeof(*table)));
	int most = dwfl_module_getsymtab(module);
	Dwarf_Addr reach = 0;

	if (most <= 0)
		return table;
	table->functions = cli_need(calloc((size_t)most,
					   sizeof(*table->functions)));
	for (int i = 0; i < most; i++) {
		struct function *function = &table->functions[table->count];
		GElf_Sym symbol;
		GElf_Word section;
		Dwarf_Addr bias;
		Elf *elf;

		function->name = dwfl_module_getsym_info(
			module, i, &symbol, &function->start, &section, &elf,
			&bias);
		if (!is_function(&symbol, function->name))
			continue;
		function->sized = symbol.st_size > 0;
		function->end = function->sized
			? function->start + symbol.st_size
			: section_end(elf, section, bias, function->start);
		function->rank = rank_of(&symbol);
		function->index = i;
		table->count++;
	}
	qsort(table->functions, table->count, sizeof(*table->functions),
	      compare);
	for (size_t i = 0; i < table->count; i++) {
		if (table->functions[i].sized &&
		    table->functions[i].end > reach)
			reach = table->functions[i].end;
		table->functions[i].reach = reach;
	}
	return table;
}

void
symboltable_free(struct symboltable *table)
{
	if (table == NULL)
		return;
	free(table->functions);
	free(table);
}

/* How many begin at ADDRESS or before. */
static size_t
count_before(const struct symboltable *table, Dwarf_Addr address)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->functions[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *
symboltable_find(const struct symboltable *table, Dwarf_Addr address)
{
	size_t count = count_before(table, address);
	const struct function *nearest;

	for (size_t i = count; i-- > 0;) {
		const struct function *function = &table->functions[i];

		if (function->reach <= address)
			break;
		if (function->sized && address < function->end)
			return function->name;
	}
	if (count == 0)
		return NULL;
	nearest = &table->functions[count - 1];
	return !nearest->sized && address < nearest->end ? nearest->name
							 : NULL;
}

#endif
