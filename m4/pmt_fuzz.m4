dnl PMT_FUZZ: a clang that has libFuzzer, for make fuzz.
AC_DEFUN([PMT_FUZZ], [
AC_ARG_VAR([FUZZ_CC], [the clang that builds the fuzzers])
AC_PATH_PROGS([FUZZ_CC], [clang clang-20 clang-19 clang-18 clang-17 clang-16 clang-15 clang-14])
AS_IF([test -n "$FUZZ_CC"], [
	AC_MSG_CHECKING([whether $FUZZ_CC has libFuzzer])
	pmt_save_CC=$CC pmt_save_CFLAGS=$CFLAGS
	CC=$FUZZ_CC CFLAGS="-fsanitize=fuzzer,address"
	AC_LINK_IFELSE([AC_LANG_SOURCE([[
		int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);
		int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size)
		{ return data == 0 && size != 0; }]])],
		[AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no]); FUZZ_CC=])
	CC=$pmt_save_CC CFLAGS=$pmt_save_CFLAGS])
])
