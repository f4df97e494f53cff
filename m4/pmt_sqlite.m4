dnl PMT_SQLITE: can pmt-analyse write databases?
dnl
dnl --with-sqlite=yes insists on it; by default it is taken where it is.
AC_DEFUN([PMT_SQLITE], [
AC_ARG_WITH([sqlite], [AS_HELP_STRING([--without-sqlite],
	[have no pmt-analyse --sqlite])], [], [with_sqlite=auto])
have_sqlite=no
AS_IF([test "$with_sqlite" != no], [PKG_CHECK_MODULES([SQLITE],
	[sqlite3 >= 3.8.7],
	[AC_DEFINE([HAVE_SQLITE], [1], [Whether there is libsqlite3.])
	have_sqlite=yes],
	[AS_IF([test "$with_sqlite" = yes],
		[AC_MSG_ERROR([sqlite3 is missing (Debian: libsqlite3-dev)])])])])
AM_CONDITIONAL([HAVE_SQLITE], [test "$have_sqlite" = yes])
])
