// Without the file functions, zlib.h includes no header of the system. That keeps the system's types
// out of this module, where they would clash with those of modules that set other feature macros.
#define Z_SOLO
#include <zlib.h>
