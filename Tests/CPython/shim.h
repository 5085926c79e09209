// Python.h sets feature macros that change types of the C library. Its headers come first, so that the
// types are those that Swift's own module of the C library has.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/types.h>

#define PY_SSIZE_T_CLEAN
#include <Python.h>
