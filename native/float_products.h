// Products of 32-bit floats on the CPU by oneDNN.
#pragma once

#include <ATen/ATen.h>

namespace lab {

// Whether oneDNN has kernels of its own for this processor.
bool multiplies_floats();

// out ← alpha·a·b + beta·out; false where oneDNN does not compute it, and nothing is done. `out` has its shape and is contiguous.
bool multiply_floats(const at::Tensor& a, const at::Tensor& b, at::Tensor& out, float alpha = 1, float beta = 0);

}  // namespace lab
