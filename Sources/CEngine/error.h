/* The slot behind defib_last_error(), for the engine alone. */

#ifndef DEFIB_ERROR_H
#define DEFIB_ERROR_H

#include <stddef.h>

#include "include/defib.h"

/* Keeps a message for the calling thread; one that is too long is cut between two characters. */
void engine_set_error(const char *DEFIB_NULLABLE message, size_t size);

#endif
