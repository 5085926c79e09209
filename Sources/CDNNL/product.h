// Matrix products as primitives: described in two steps in oneDNN 2, in one in oneDNN 3.
#ifndef DEFIB_CDNNL_PRODUCT_H
#define DEFIB_CDNNL_PRODUCT_H

#include <string.h>

#include "layout.h"

// Attributes like those of `cdnnl_attributes_new`, under which the result is added to what is there.
static inline dnnl_status_t cdnnl_attributes_adding(dnnl_primitive_attr_t *result) {
  dnnl_status_t status = cdnnl_attributes_new(result);
  if (status != dnnl_success) return status;
  dnnl_post_ops_t after;
  status = dnnl_post_ops_create(&after);
  if (status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
    status = dnnl_post_ops_append_sum(after, 1, 0, dnnl_data_type_undef);
#else
    status = dnnl_post_ops_append_sum(after, 1);
#endif
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*result, after);
    dnnl_post_ops_destroy(after);
  }
  if (status != dnnl_success) dnnl_primitive_attr_destroy(*result);
  return status;
}

// The description of c = a · b, for matrices with those layouts.
static inline dnnl_status_t cdnnl_product_describe(
    dnnl_primitive_desc_t *result, cdnnl_layout a, cdnnl_layout b, cdnnl_layout c,
    dnnl_engine_t engine, dnnl_primitive_attr_t attributes) {
  *result = NULL;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_matmul_primitive_desc_create(
      result, engine, cdnnl_descriptor_of(a), cdnnl_descriptor_of(b), NULL, cdnnl_descriptor_of(c),
      attributes);
#else
  dnnl_matmul_desc_t made;
  dnnl_status_t status = dnnl_matmul_desc_init(
      &made, cdnnl_descriptor_of(a), cdnnl_descriptor_of(b), NULL, cdnnl_descriptor_of(c));
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &made, attributes, engine, NULL);
#endif
}

// Whether the implementation is one of oneDNN's kernels for small blocks ("brg…"), made for these very
// lengths; the others go through sgemm themselves.
static inline int cdnnl_is_block_product(const_dnnl_primitive_desc_t description) {
  const char *name = NULL;
  dnnl_status_t status =
      dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name);
  return status == dnnl_success && name && strncmp(name, "brg", 3) == 0;
}

#endif
