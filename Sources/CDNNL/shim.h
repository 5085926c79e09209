// What Defib uses of oneDNN. Whatever differs between oneDNN 2 and 3 is settled in this folder: the
// calls that both know are used as they are, the others through layout.h and convolution.h.
#ifndef DEFIB_CDNNL_SHIM_H
#define DEFIB_CDNNL_SHIM_H

#include <dnnl.h>

#include "convolution.h"
#include "layout.h"
#include "product.h"

// oneDNN is built on OpenMP in Debian. A thread of ours asks for one OpenMP thread before its first
// product: the work is shared by lanes, not inside a product. (No <omp.h>: clang has none here.)
extern void omp_set_num_threads(int);
extern int omp_get_max_threads(void);

#endif
