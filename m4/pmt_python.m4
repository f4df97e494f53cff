dnl PMT_PYTHON: which interpreters get the extension, and the make rules for it.
dnl
dnl PYTHON is the interpreter that the tests use; --with-pythons names more.
dnl build-aux/python-info.py asks each one for its headers and file suffix.
AC_DEFUN([PMT_PYTHON], [
AC_ARG_VAR([PYTHON], [the interpreter that make check uses])
AC_ARG_WITH([pythons], [AS_HELP_STRING([--with-pythons="python3.12 ..."],
	[build the extension for these interpreters too])], [], [with_pythons=])
AC_PATH_PROGS([PYTHON], [python3 python3.15 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8])
AS_IF([test -z "$PYTHON"], [AC_MSG_ERROR([no python3 in PATH: install Python 3.8 or newer, or name one with PYTHON=])])

AC_ARG_ENABLE([pymemtrace], [AS_HELP_STRING([--disable-pymemtrace],
	[leave out the names for programs written for pymemtrace])],
	[], [enable_pymemtrace=yes])
AM_CONDITIONAL([PYMEMTRACE], [test "$enable_pymemtrace" != no])

AC_ARG_ENABLE([pytracemalloc], [AS_HELP_STRING([--enable-pytracemalloc],
	[have PYTRACEMALLOC=1 trace every program from its start])],
	[], [enable_pytracemalloc=no])
AM_CONDITIONAL([PYTRACEMALLOC], [test "$enable_pytracemalloc" != no])

PYTHON_RULES=python-rules.mk
: >$PYTHON_RULES
PYTHON_EXTENSIONS=
PYTHON_LAYOUTS=
PYTHON_SITES=
PYTHONS=
for python in "$PYTHON" $with_pythons
do
	AC_MSG_CHECKING([whether $python can carry the extension])
	info=`"$python" "$srcdir/build-aux/python-info.py" "$prefix" 2>&AS_MESSAGE_LOG_FD`
	AS_IF([test $? -ne 0], [
		AC_MSG_RESULT([no])
		AS_IF([test "$python" = "$PYTHON"],
			[AC_MSG_ERROR([$python must be Python 3.8 or newer with its headers (Debian: python3-dev); see config.log])],
			[AC_MSG_WARN([$python is left out: see config.log])])
		continue])
	# version, file suffix, include directory, site directory or "-"
	set x $info
	pmt_version=$[2] pmt_suffix=$[3] pmt_include=$[4] pmt_site=$[5]
	pmt_module=python/pmt/_pmt$pmt_suffix
	# A virtual environment and its base share the extension, not the site.
	AS_CASE([" - $PYTHON_SITES "], [*" $pmt_site "*], [],
		[PYTHON_SITES="$PYTHON_SITES $pmt_site"])
	AS_CASE([" $PYTHON_EXTENSIONS "], [*" $pmt_module "*],
		[AC_MSG_RESULT([$pmt_version: already in]); continue])
	AC_MSG_RESULT([$pmt_version, $pmt_suffix])
	pmt_leak=python/pymemtrace/cMemLeak$pmt_suffix
	pmt_layout=python/ext/layout/layout${pmt_suffix%.so}.o
	PYTHON_EXTENSIONS="$PYTHON_EXTENSIONS $pmt_module"
	PYTHON_LAYOUTS="$PYTHON_LAYOUTS $pmt_layout"
	AS_IF([test "$enable_pymemtrace" != no],
		[PYTHON_EXTENSIONS="$PYTHON_EXTENSIONS $pmt_leak"])
	PYTHONS="$PYTHONS $python"
	AS_CASE([$pmt_version], [3.8.*|3.9.*|3.10.*|3.11.*|3.12.*],
		[pmt_reference=no_reference_sources],
		[pmt_reference=reference_sources])
	cat >>$PYTHON_RULES <<EOF

$pmt_module: \$(ext_sources) \$($pmt_reference) \$(ext_headers) libpmtcore.la python/pmt/.dirstamp
	\$(ext_link) \$($pmt_reference) .libs/libpmtcore.a -lpthread -isystem $pmt_include -o \$[@]
$pmt_leak: \$(cmemleak_sources) python/pmt/.dirstamp
	\$(cmemleak_link) -isystem $pmt_include -o \$[@]
$pmt_layout: \$(layout_sources)
	\$(layout_compile) -isystem $pmt_include -c \$(srcdir)/python/ext/layout/layout.c -o \$[@]
EOF
done
dnl Only make check needs them.
AC_MSG_CHECKING([whether $PYTHON has psutil and pycotap])
AS_IF(["$PYTHON" -c "import psutil, pycotap" 2>&AS_MESSAGE_LOG_FD],
	[have_test_modules=yes], [have_test_modules=no])
AC_MSG_RESULT([$have_test_modules])
AM_CONDITIONAL([HAVE_TEST_MODULES], [test "$have_test_modules" = yes])
AC_SUBST([PYTHON_EXTENSIONS])
AC_SUBST([PYTHON_LAYOUTS])
AC_SUBST([PYTHONS])
AC_SUBST([PYTHON_SITES])
AC_SUBST_FILE([PYTHON_RULES])
])
