// Products of 32-bit floats on the CPU by oneDNN.
#pragma once

#include <ATen/ATen.h>

namespace lab {

// Whether oneDNN has kernels of its own for this processor.
bool multiplies_floats();

// Whether it computes a·b.
bool multiplies_floats(const at::Tensor& a, const at::Tensor& b);

// out ← alpha·a·b + beta·out, of matrices that it multiplies. `out` has its shape and is contiguous.
void multiply_floats(const at::Tensor& a, const at::Tensor& b, at::Tensor& out, float alpha = 1, float beta = 0);

}  // namespace lab
