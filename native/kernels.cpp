// What a block does between its matrix products, on the CPU where nothing is recorded: each in one pass over memory. Plain C++,
// no libtorch; lib/Backbone/CpuKernels.cs calls it with the memory of tensors.
//
// Attention reads keys and values of each head in the frame where the projection left them, so a time offset costs nothing: no
// number is moved. The biases of products whose results come here are added here: oneDNN writes them into the result first,
// which takes a sixth of the time of a product of 16-bit numbers.

#include "attention_head.h"
#include "elementwise.h"

#include <cstddef>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#define LAB_API extern "C" __attribute__((visibility("default")))

namespace {

using lab::passes;

// body(first, count) for each thread's share.
template <typename F>
void in_parallel(int64_t count, int32_t threads, F&& body) {
#ifdef _OPENMP
    if (threads > 1 && count > 1) {
#pragma omp parallel num_threads(threads)
        {
            const int64_t all = omp_get_num_threads(), self = omp_get_thread_num();
            const int64_t first = count * self / all, end = count * (self + 1) / all;
            if (end > first) body(first, end - first);
        }
        return;
    }
#endif
    body(0, count);
}

float* scratch(int64_t floats) {
    thread_local std::vector<float> space;
    if (space.size() < static_cast<size_t>(floats)) space.resize(floats);
    return space.data();
}

template <typename T>
const T* at(const T* p, int64_t offset) { return p == nullptr ? nullptr : p + offset; }

template <typename T>
T* at(T* p, int64_t offset) { return p == nullptr ? nullptr : p + offset; }

template <typename T, typename F>
void attend(T* packed, const float* bias, const int32_t* sources, int64_t images, int64_t frames, int64_t tokens, int64_t heads, int64_t depth, T* out,
            int32_t threads, int64_t floats, F forward) {
    const int64_t width = heads * depth, row = 3 * width;
    const lab::Shape s = lab::attention_shape(tokens, tokens, depth);
    in_parallel(images * heads, threads, [&](int64_t first, int64_t count) {
        float* space = scratch(floats);
        for (int64_t i = first; i < first + count; i++) {
            const int64_t image = i / heads, head = i % heads, frame = image % frames;
            T* own = packed + image * tokens * row + head * depth;
            T* seen = own + (sources[head * frames + frame] - frame) * tokens * row;
            const lab::Biases biases{at(bias, head * depth), at(bias, 2 * width + head * depth)};
            forward(s, lab::Matrix<T>{own, row}, lab::Matrix<T>{seen + width, row}, lab::Matrix<T>{seen + 2 * width, row}, biases,
                    lab::Matrix<T>{out + image * tokens * width + head * depth, width}, nullptr, space);
        }
    });
}

template <typename T>
void sum_norm(const float* x, const void* y, float* sum, const float* weight, const float* bias, float eps, void* normed, int64_t rows, int64_t width, int32_t threads) {
    in_parallel(rows, threads, [&](int64_t first, int64_t count) {
        const int64_t skip = first * width;
        passes<T>().sum_norm(x + skip, at(static_cast<const T*>(y), skip), at(sum, skip), weight, bias, eps, at(static_cast<T*>(normed), skip), count, width);
    });
}

template <typename T>
void quick_gelu(T* x, const T* bias, int64_t rows, int64_t width, int32_t threads) {
    in_parallel(rows, threads, [&](int64_t first, int64_t count) { passes<T>().quick_gelu(x + first * width, bias, count, width); });
}

}  // namespace

// Counts up when a function's arguments change.
LAB_API int32_t lab_kernels_version() { return 1; }

// (B·T, N, 3, h, d) → (B·T, N, h·d); `half`: bfloat16, otherwise 32-bit floats. `bias`: that of the projection, 3·h·d, or null.
// `sources`: for each head and frame the frame whose keys and values it sees, (h, T).
LAB_API void lab_attend(void* packed, const void* bias, const int32_t* sources, int64_t images, int64_t frames, int64_t tokens, int64_t heads, int64_t depth,
                        void* out, int32_t half, int32_t threads) {
    const lab::Shape s = lab::attention_shape(tokens, tokens, depth);
    if (half == 0)
        return attend(static_cast<float*>(packed), static_cast<const float*>(bias), sources, images, frames, tokens, heads, depth, static_cast<float*>(out), threads,
                      lab::forward_floats(s), lab::head_kernels.forward);
    std::vector<float> wide(bias == nullptr ? 0 : 3 * heads * depth);
    if (bias != nullptr) lab::widen(static_cast<const uint16_t*>(bias), 0, 1, static_cast<int64_t>(wide.size()), wide.data());
    attend(static_cast<uint16_t*>(packed), bias == nullptr ? nullptr : wide.data(), sources, images, frames, tokens, heads, depth, static_cast<uint16_t*>(out), threads,
           lab::forward_half_floats(s), lab::head_kernels.forward_half);
}

// x ← (x + b)·σ(1.702(x + b)), (rows, width) and (width); width a multiple of 16.
LAB_API void lab_quick_gelu(void* x, const void* bias, int64_t rows, int64_t width, int32_t half, int32_t threads) {
    if (half == 0) quick_gelu(static_cast<float*>(x), static_cast<const float*>(bias), rows, width, threads);
    else quick_gelu(static_cast<uint16_t*>(x), static_cast<const uint16_t*>(bias), rows, width, threads);
}

// sum ← x + y and normed ← norm(sum), (rows, width); width a multiple of 16. Without y the norm is x's; `normed` may be null.
// x, sum, weight and bias are 32-bit floats; `half`: y and normed are bfloat16.
LAB_API void lab_sum_norm(const float* x, const void* y, float* sum, const float* weight, const float* bias, float eps, void* normed, int64_t rows, int64_t width,
                          int32_t half, int32_t threads) {
    if (half == 0) sum_norm<float>(x, y, sum, weight, bias, eps, normed, rows, width, threads);
    else sum_norm<uint16_t>(x, y, sum, weight, bias, eps, normed, rows, width, threads);
}
