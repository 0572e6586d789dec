// Weights of 16-bit products on the CPU, kept as oneDNN's kernels read them.
#pragma once

#include <ATen/ATen.h>

namespace lab {

// out ← a·b, where b is kept; false where it is not, and nothing is done. `out` has its shape and is contiguous.
bool multiply_packed(const at::Tensor& a, const at::Tensor& b, at::Tensor& out);

// Someone is given the tensor's memory to do with as he likes: what was made of it may no longer hold.
void forget_packed(const at::Tensor& tensor);

}  // namespace lab
