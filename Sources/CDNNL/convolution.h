// Convolutions and transposed convolutions: described in two steps in oneDNN 2, in one in oneDNN 3.
#ifndef DEFIB_CDNNL_CONVOLUTION_H
#define DEFIB_CDNNL_CONVOLUTION_H

#include "layout.h"

// The tensors. Gradients have the layouts of their tensors.
typedef struct {
  int transposed;
  cdnnl_layout source, weights, bias, destination;  // bias: NULL for none
} cdnnl_convolution;

// The three primitives of a convolution.
enum { cdnnl_forward = 0, cdnnl_backward_data = 1, cdnnl_backward_weights = 2 };

// The description of one of them; `forward` is that of the forward primitive, NULL for itself. The
// lists have an entry a spatial axis. A dilation of 0 is none, as oneDNN counts; `before` and
// `after` are the padding.
static inline dnnl_status_t cdnnl_convolution_describe(
    dnnl_primitive_desc_t *result, const cdnnl_convolution *c, const int64_t *strides,
    const int64_t *dilations, const int64_t *before, const int64_t *after, int direction,
    dnnl_engine_t engine, const_dnnl_primitive_attr_t attributes,
    const_dnnl_primitive_desc_t forward) {
  cdnnl_const_descriptor x = cdnnl_descriptor_of(c->source);
  cdnnl_const_descriptor w = cdnnl_descriptor_of(c->weights);
  cdnnl_const_descriptor b = c->bias ? cdnnl_descriptor_of(c->bias) : NULL;
  cdnnl_const_descriptor y = cdnnl_descriptor_of(c->destination);
  dnnl_alg_kind_t how = c->transposed ? dnnl_deconvolution_direct : dnnl_convolution_direct;
  *result = NULL;
#if DNNL_VERSION_MAJOR >= 3
  switch (direction) {
    case cdnnl_forward:
      return (c->transposed ? dnnl_deconvolution_forward_primitive_desc_create
                            : dnnl_convolution_forward_primitive_desc_create)(
          result, engine, dnnl_forward_training, how, x, w, b, y, strides, dilations, before, after,
          attributes);
    case cdnnl_backward_data:
      return (c->transposed ? dnnl_deconvolution_backward_data_primitive_desc_create
                            : dnnl_convolution_backward_data_primitive_desc_create)(
          result, engine, how, x, w, y, strides, dilations, before, after, forward, attributes);
    default:
      return (c->transposed ? dnnl_deconvolution_backward_weights_primitive_desc_create
                            : dnnl_convolution_backward_weights_primitive_desc_create)(
          result, engine, how, x, w, b, y, strides, dilations, before, after, forward, attributes);
  }
#else
  // In oneDNN 2 both kinds share one descriptor.
  dnnl_convolution_desc_t made;
  dnnl_status_t status;
  switch (direction) {
    case cdnnl_forward:
      status = (c->transposed ? dnnl_dilated_deconvolution_forward_desc_init
                              : dnnl_dilated_convolution_forward_desc_init)(
          &made, dnnl_forward_training, how, x, w, b, y, strides, dilations, before, after);
      break;
    case cdnnl_backward_data:
      status = (c->transposed ? dnnl_dilated_deconvolution_backward_data_desc_init
                              : dnnl_dilated_convolution_backward_data_desc_init)(
          &made, how, x, w, y, strides, dilations, before, after);
      break;
    default:
      status = (c->transposed ? dnnl_dilated_deconvolution_backward_weights_desc_init
                              : dnnl_dilated_convolution_backward_weights_desc_init)(
          &made, how, x, w, b, y, strides, dilations, before, after);
  }
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &made, attributes, engine, forward);
#endif
}

#endif
