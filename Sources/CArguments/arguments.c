#include "arguments.h"

static int count;
static char **values;

/* The C library of Linux hands the arguments of main to constructors as well. */
__attribute__((constructor)) static void keep(int argc, char **argv) {
  count = argc;
  values = argv;
}

int arguments_count(void) { return count; }

const char *const *arguments_values(void) { return (const char *const *)values; }
