// Functions of single numbers that libtorch computes one by one on the CPU; see pointwise.cpp.
#pragma once

#include <ATen/ATen.h>

namespace lab {

// x·σ(x), with a first derivative.
at::Tensor silu(const at::Tensor& x);

// Each number with probability p set to 0, the others divided by 1 − p; with a first derivative.
at::Tensor dropout(const at::Tensor& x, double p, bool train);

}  // namespace lab
