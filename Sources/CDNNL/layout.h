// How a tensor lies in memory: oneDNN's memory descriptor, a struct in oneDNN 2 and a handle in
// oneDNN 3, behind one opaque handle.
#ifndef DEFIB_CDNNL_LAYOUT_H
#define DEFIB_CDNNL_LAYOUT_H

#include <dnnl.h>
#include <stdint.h>
#include <stdlib.h>

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t cdnnl_descriptor;
typedef const_dnnl_memory_desc_t cdnnl_const_descriptor;
#else
typedef dnnl_memory_desc_t *cdnnl_descriptor;
typedef const dnnl_memory_desc_t *cdnnl_const_descriptor;
#endif

typedef struct cdnnl_layout_handle *cdnnl_layout;

static inline cdnnl_descriptor cdnnl_descriptor_of(cdnnl_layout layout) {
  return (cdnnl_descriptor)layout;
}

// Ends a layout; NULL is none.
static inline void cdnnl_layout_free(cdnnl_layout layout) {
#if DNNL_VERSION_MAJOR >= 3
  if (layout) dnnl_memory_desc_destroy(cdnnl_descriptor_of(layout));
#else
  free(layout);
#endif
}

// A layout of float32 values with those lengths and steps in elements; without steps, one that the
// primitive may choose.
static inline dnnl_status_t cdnnl_layout_new(
    cdnnl_layout *result, int rank, const int64_t *lengths, const int64_t *steps) {
  *result = NULL;
  cdnnl_descriptor made = NULL;
#if DNNL_VERSION_MAJOR >= 3
  dnnl_status_t status =
      steps ? dnnl_memory_desc_create_with_strides(&made, rank, lengths, dnnl_f32, steps)
            : dnnl_memory_desc_create_with_tag(
                  &made, rank, lengths, dnnl_f32, dnnl_format_tag_any);
  if (status != dnnl_success) return status;
#else
  made = (cdnnl_descriptor)malloc(sizeof *made);
  if (!made) return dnnl_out_of_memory;
  dnnl_status_t status =
      steps ? dnnl_memory_desc_init_by_strides(made, rank, lengths, dnnl_f32, steps)
            : dnnl_memory_desc_init_by_tag(made, rank, lengths, dnnl_f32, dnnl_format_tag_any);
  if (status != dnnl_success) {
    free(made);
    return status;
  }
#endif
  *result = (cdnnl_layout)made;
  return dnnl_success;
}

// A layout of float32 values in blocks of 16 of the second axis, behind all other axes: 3 to 5 axes.
static inline dnnl_status_t cdnnl_layout_blocks(
    cdnnl_layout *result, int rank, const int64_t *lengths) {
  *result = NULL;
  const dnnl_format_tag_t tags[] = {dnnl_aBc16b, dnnl_aBcd16b, dnnl_aBcde16b};
  if (rank < 3 || rank > 5) return dnnl_invalid_arguments;
  cdnnl_descriptor made = NULL;
#if DNNL_VERSION_MAJOR >= 3
  dnnl_status_t status =
      dnnl_memory_desc_create_with_tag(&made, rank, lengths, dnnl_f32, tags[rank - 3]);
  if (status != dnnl_success) return status;
#else
  made = (cdnnl_descriptor)malloc(sizeof *made);
  if (!made) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_memory_desc_init_by_tag(made, rank, lengths, dnnl_f32, tags[rank - 3]);
  if (status != dnnl_success) {
    free(made);
    return status;
  }
#endif
  *result = (cdnnl_layout)made;
  return dnnl_success;
}

// Whether the processor has registers of 16 floats, on which blocks of 16 channels are fastest.
static inline int cdnnl_prefers_blocks(void) {
  return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core;
}

// The layout that a primitive has chosen for one of its tensors.
static inline dnnl_status_t cdnnl_layout_query(
    cdnnl_layout *result, const_dnnl_primitive_desc_t primitive, dnnl_query_t what, int index) {
  *result = NULL;
  cdnnl_const_descriptor found = dnnl_primitive_desc_query_md(primitive, what, index);
  if (!found) return dnnl_invalid_arguments;
#if DNNL_VERSION_MAJOR >= 3
  cdnnl_descriptor copy = NULL;
  dnnl_status_t status = dnnl_memory_desc_clone(&copy, found);
  if (status != dnnl_success) return status;
#else
  cdnnl_descriptor copy = (cdnnl_descriptor)malloc(sizeof *copy);
  if (!copy) return dnnl_out_of_memory;
  *copy = *found;
#endif
  *result = (cdnnl_layout)copy;
  return dnnl_success;
}

// Whether two layouts put every element in the same place.
static inline int cdnnl_layout_equal(cdnnl_layout a, cdnnl_layout b) {
  return dnnl_memory_desc_equal(cdnnl_descriptor_of(a), cdnnl_descriptor_of(b));
}

// The bytes of a tensor of that layout.
static inline size_t cdnnl_layout_bytes(cdnnl_layout layout) {
  return dnnl_memory_desc_get_size(cdnnl_descriptor_of(layout));
}

// A tensor of that layout, without memory as yet.
static inline dnnl_status_t cdnnl_memory_new(
    dnnl_memory_t *result, cdnnl_layout layout, dnnl_engine_t engine) {
  return dnnl_memory_create(result, cdnnl_descriptor_of(layout), engine, DNNL_MEMORY_NONE);
}

// Attributes that leave the memory which a primitive works in to the caller.
static inline dnnl_status_t cdnnl_attributes_new(dnnl_primitive_attr_t *result) {
  dnnl_status_t status = dnnl_primitive_attr_create(result);
  if (status != dnnl_success) return status;
  return dnnl_primitive_attr_set_scratchpad_mode(*result, dnnl_scratchpad_mode_user);
}

// The description of a copy from one layout to another.
static inline dnnl_status_t cdnnl_reorder_describe(
    dnnl_primitive_desc_t *result, cdnnl_layout from, cdnnl_layout to, dnnl_engine_t engine,
    const_dnnl_primitive_attr_t attributes) {
  return dnnl_reorder_primitive_desc_create(
      result, cdnnl_descriptor_of(from), engine, cdnnl_descriptor_of(to), engine, attributes);
}

#endif
