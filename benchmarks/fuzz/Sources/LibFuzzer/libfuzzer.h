/* What libFuzzer lets a program call that has a main function of its own. The compiler ships no header
   for it. */
#ifndef LIBFUZZER_H
#define LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* Calls `test` with inputs until it is told to end or `test` fails. */
int LLVMFuzzerRunDriver(int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv,
                        int (*_Nonnull test)(const uint8_t *_Nullable data, size_t size));

/* Changes some bytes in place; returns how many there are then. */
size_t LLVMFuzzerMutate(uint8_t *_Nonnull data, size_t size, size_t limit);

#endif
