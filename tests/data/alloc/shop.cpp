/* SPDX-License-Identifier: MIT */
/* shop.cpp - names that compilers of C++ mangle. */
#include <cstdlib>

namespace shop {

static void *volatile kept;

template <typename T> struct Shelf {
	__attribute__((noinline)) void put(T size)
	{
		kept = std::malloc(size);
	}
};

}

extern "C" void
buy()
{
	shop::Shelf<int> shelf;

	shelf.put(54321);
	shop::kept = nullptr;
}
