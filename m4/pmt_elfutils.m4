dnl PMT_ELFUTILS: can pmt-analyse name native functions?
dnl
dnl --with-elfutils=yes insists on it; by default it is taken where it is.
AC_DEFUN([PMT_ELFUTILS], [
AC_ARG_WITH([elfutils], [AS_HELP_STRING([--without-elfutils],
	[have no names of native functions in reports])],
	[], [with_elfutils=auto])
AS_IF([test "$with_elfutils" != no], [PKG_CHECK_MODULES([ELFUTILS],
	[libdw >= 0.158],
	[AC_DEFINE([HAVE_ELFUTILS], [1], [Whether libdw names functions.])
	save_LIBS=$LIBS
	AC_CHECK_LIB([stdc++], [__cxa_demangle],
		[AC_DEFINE([HAVE_DEMANGLE], [1],
			[Whether libstdc++ makes names of C++ readable.])
		ELFUTILS_LIBS="$ELFUTILS_LIBS -lstdc++"], [])
	LIBS=$save_LIBS],
	[AS_IF([test "$with_elfutils" = yes],
		[AC_MSG_ERROR([libdw is missing (Debian: libdw-dev)])])])])
])
