dnl PMT_WARNINGS: the warnings we build with, each one tried first.
dnl They are ours (AM_CFLAGS); CFLAGS stays the user's.
AC_DEFUN([PMT_WARNINGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror],
	[stop at the first compiler warning])], [], [enable_werror=no])
WARN_CFLAGS=
pmt_save_CFLAGS=$CFLAGS
for flag in -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
	    -Wpointer-arith -Wwrite-strings -Wvla -Wundef
do
	AC_MSG_CHECKING([whether $CC takes $flag])
	CFLAGS="$pmt_save_CFLAGS -Werror $flag"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes]); WARN_CFLAGS="$WARN_CFLAGS $flag"],
		[AC_MSG_RESULT([no])])
done
CFLAGS=$pmt_save_CFLAGS
AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
])

dnl PMT_SANITIZERS: --enable-sanitizers[=LIST], address,undefined by default.
AC_DEFUN([PMT_SANITIZERS], [
AC_ARG_ENABLE([sanitizers], [AS_HELP_STRING([--enable-sanitizers@<:@=LIST@:>@],
	[build with these sanitizers @<:@address,undefined@:>@])],
	[], [enable_sanitizers=no])
AS_CASE([$enable_sanitizers],
	[no], [SANITIZER_CFLAGS=],
	[yes], [SANITIZER_CFLAGS="-fsanitize=address,undefined"],
	[SANITIZER_CFLAGS="-fsanitize=$enable_sanitizers"])
AS_IF([test -n "$SANITIZER_CFLAGS"],
	[SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fno-sanitize-recover=all -fno-omit-frame-pointer"])
AC_SUBST([SANITIZER_CFLAGS])
dnl An interpreter built without AddressSanitizer can load our extension only
dnl if the run-time library is there first.
SANITIZER_PRELOAD=
AS_CASE([$SANITIZER_CFLAGS],
	[*address*], [SANITIZER_PRELOAD=`$CC -print-file-name=libasan.so`])
AC_SUBST([SANITIZER_PRELOAD])
AM_CONDITIONAL([SANITIZERS], [test -n "$SANITIZER_CFLAGS"])
])
