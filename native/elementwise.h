// Passes over memory, in plain C++: no libtorch. What each does stands in elementwise.inc.
#pragma once

#include <cstdint>

namespace lab {

// For T 32-bit floats, or bfloat16 as uint16_t. Rows and stretches are whole vectors of sixteen numbers, but for add_bias.
template <typename T>
struct Passes {
    void (*quick_gelu)(const T* x, const T* bias, T* y, int64_t rows, int64_t width);
    void (*quick_gelu_gradient)(const T* x, const T* bias, const T* gradient, T* dx, int64_t rows, int64_t width);
    void (*sum_norm)(const float* x, const T* y, float* sum, const float* weight, const float* bias, float eps, T* normed, int64_t rows, int64_t width);
    void (*norm_gradient)(const float* x, const float* weight, float eps, const T* gradient, float* dx, int64_t rows, int64_t width);
    void (*add_bias)(const T* x, int64_t row, const float* bias, T* y, int64_t rows, int64_t width);
    void (*sum_bias)(const T* x, const T* y, const T* bias, T* sum, int64_t rows, int64_t width);
    void (*column_sums)(const T* x, int64_t rows, int64_t width, int64_t columns, T* sums);
    void (*silu)(const T* x, const T* gradient, T* y, int64_t count);
    void (*dropout)(const T* x, T* y, int64_t first, int64_t count, uint64_t seed, uint32_t threshold, float scale);
};

// This processor's.
template <typename T>
const Passes<T>& passes();

}  // namespace lab
