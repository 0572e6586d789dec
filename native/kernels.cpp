// What a block does between its matrix products, on the CPU, and the gradients of that: each in one pass over memory. Plain C++,
// no libtorch; lib/Backbone/CpuKernels.cs calls it with the memory of tensors.
//
// Attention reads keys and values of each head in the frame where the projection left them, so a time offset costs nothing: no
// number is moved. The biases of products whose results come here are added here: oneDNN writes them into the result first,
// which takes a sixth of the time of a product of 16-bit numbers.

#include "attention_head.h"
#include "elementwise.h"
#include "half.h"
#include "vectors.h"

#include <algorithm>
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

// body with a number of the type that is meant.
template <typename F>
void in_numbers(int32_t half, F&& body) {
    if (half == 0) body(float());
    else body(uint16_t());
}

// (B·T, N, 3, h, d) and the frames that heads see.
struct Packed {
    const int32_t* sources;
    int64_t images, frames, tokens, heads, depth;

    int64_t width() const { return heads * depth; }
    int64_t row() const { return 3 * width(); }
    lab::Shape shape() const { return lab::attention_shape(tokens, tokens, depth); }

    // Queries, keys and values (0, 1, 2) of a head in an image.
    template <typename T>
    lab::Matrix<T> part(T* packed, int64_t image, int64_t head, int64_t which) const {
        return {packed + image * tokens * row() + which * width() + head * depth, row()};
    }

    // Queries with their bias, in `space`; without one where they lie.
    template <typename T>
    lab::Matrix<T> queries(T* packed, const float* bias, int64_t image, int64_t head, float* space) const {
        const lab::Matrix<T> given = part(packed, image, head, 0);
        if (bias == nullptr) return given;
        T* sums = reinterpret_cast<T*>(space);
        passes<T>().add_bias(given.data, given.row, bias + head * depth, sums, tokens, depth);
        return {sums, depth};
    }

    // What attention gives, (B·T, N, h, d).
    template <typename T>
    lab::Matrix<T> joined(T* out, int64_t image, int64_t head) const { return {out + image * tokens * width() + head * depth, width()}; }

    template <typename T>
    T* log(T* logs, int64_t image, int64_t head) const { return at(logs, (image * heads + head) * tokens); }
};

// Rows of a head lie some kilobytes apart, where the processor does not see that one follows the other: it is told which come next.
template <typename T>
void fetch(const Packed& p, const lab::Matrix<T>& head) {
    for (int64_t t = 0; t < p.tokens; t++)
        for (int64_t l = 0; l < p.depth; l += 64 / sizeof(T)) __builtin_prefetch(head.data + t * head.row + l);
}

// A head's queries in an image, and its keys and values in the one that it sees.
template <typename T>
void fetch_inputs(const Packed& p, T* packed, int64_t image, int64_t seen, int64_t head) {
    for (int64_t which = 0; which < 3; which++) fetch(p, p.part(packed, which == 0 ? image : seen, head, which));
}

template <typename T, typename F>
void attend(const Packed& p, T* packed, const float* bias, T* out, float* logs, int32_t threads, int64_t floats, F forward) {
    const lab::Shape s = p.shape();
    in_parallel(p.images * p.heads, threads, [&](int64_t first, int64_t count) {
        float* space = scratch(floats + p.tokens * p.depth);
        for (int64_t i = first; i < first + count; i++) {
            const int64_t image = i / p.heads, head = i % p.heads, frame = image % p.frames, seen = image - frame + p.sources[head * p.frames + frame];
            fetch_inputs(p, packed, image, seen, head);
            // A bias of keys adds the same to all scores of a query, and softmax takes it out again; that of values passes through.
            forward(s, p.queries(packed, bias, image, head, space + floats), p.part(packed, seen, head, 1), p.part(packed, seen, head, 2),
                    at(bias, 2 * p.width() + head * p.depth), p.joined(out, image, head), p.log(logs, image, head), space);
        }
    });
}

// Where numbers are 32-bit floats already.
float wide(float x) { return x; }
using lab::wide;

template <typename T>
T narrow(float x);

template <>
float narrow<float>(float x) { return x; }

template <>
uint16_t narrow<uint16_t>(float x) { return lab::rounded(x); }

// One task for a head and the frame that is seen: its keys and values get a gradient from every frame that sees them.
template <typename T, typename F>
void attend_gradient(const Packed& p, T* packed, const float* bias, T* gradient, const float* logs, T* to, int32_t threads, int64_t floats, F backward) {
    const lab::Shape s = p.shape();
    const int64_t head_size = p.tokens * p.depth;
    in_parallel(p.images * p.heads, threads, [&](int64_t first, int64_t count) {
        float* space = scratch(floats + 3 * head_size);
        T *more_keys = reinterpret_cast<T*>(space + floats + head_size), *more_values = more_keys + head_size;
        for (int64_t i = first; i < first + count; i++) {
            const int64_t seen = i / p.heads, head = i % p.heads, frame = seen % p.frames;
            const lab::Matrix<T> keys = p.part(to, seen, head, 1), values = p.part(to, seen, head, 2);
            bool written = false;
            for (int64_t looking = 0; looking < p.frames; looking++) {
                if (p.sources[head * p.frames + looking] != frame) continue;
                const int64_t image = seen - frame + looking;
                fetch_inputs(p, packed, image, seen, head);
                fetch(p, p.joined(gradient, image, head));
                // What is the same for all keys, as the biases of keys and values, has no part in these gradients.
                backward(s, p.queries(packed, bias, image, head, space + floats), p.part(packed, seen, head, 1), p.part(packed, seen, head, 2),
                         p.joined(gradient, image, head), p.log(logs, image, head), p.part(to, image, head, 0),
                         written ? lab::Matrix<T>{more_keys, p.depth} : keys, written ? lab::Matrix<T>{more_values, p.depth} : values, space);
                for (int64_t t = 0; written && t < p.tokens; t++)
                    for (int64_t l = 0; l < p.depth; l++) {
                        T &key = keys.data[t * keys.row + l], &value = values.data[t * values.row + l];
                        key = narrow<T>(wide(key) + wide(more_keys[t * p.depth + l]));
                        value = narrow<T>(wide(value) + wide(more_values[t * p.depth + l]));
                    }
                written = true;
            }
            for (int64_t t = 0; !written && t < p.tokens; t++) {
                std::fill_n(keys.data + t * keys.row, p.depth, T(0));
                std::fill_n(values.data + t * values.row, p.depth, T(0));
            }
        }
    });
}

std::vector<float> widened(const void* bias, int64_t count) {
    std::vector<float> numbers(bias == nullptr ? 0 : count);
    if (bias != nullptr) lab::widen(static_cast<const uint16_t*>(bias), 0, 1, count, numbers.data());
    return numbers;
}

}  // namespace

// Counts up when a function's arguments change.
LAB_API int32_t lab_kernels_version() { return 3; }

// Which of lab::Vectors.
LAB_API int32_t lab_kernels_vectors() { return static_cast<int32_t>(lab::vectors()); }

// (B·T, N, 3, h, d) → (B·T, N, h·d); `half`: bfloat16, otherwise 32-bit floats. `bias`: that of the projection, 3·h·d, or null.
// `sources`: for each head and frame the frame whose keys and values it sees, (h, T). `logs`: what the gradient needs besides,
// (B·T, h, N), or null.
LAB_API void lab_attend(void* packed, const void* bias, const int32_t* sources, int64_t images, int64_t frames, int64_t tokens, int64_t heads, int64_t depth,
                        void* out, float* logs, int32_t half, int32_t threads) {
    const Packed p{sources, images, frames, tokens, heads, depth};
    if (half == 0)
        return attend(p, static_cast<float*>(packed), static_cast<const float*>(bias), static_cast<float*>(out), logs, threads, lab::forward_floats(p.shape()),
                      lab::head_kernels.forward);
    const std::vector<float> biases = widened(bias, p.row());
    attend(p, static_cast<uint16_t*>(packed), bias == nullptr ? nullptr : biases.data(), static_cast<uint16_t*>(out), logs, threads, lab::forward_half_floats(p.shape()),
           lab::head_kernels.forward_half);
}

// From the gradient of lab_attend's result, (B·T, N, h·d), that of `packed`, all of it.
LAB_API void lab_attend_gradient(void* packed, const void* bias, const int32_t* sources, int64_t images, int64_t frames, int64_t tokens, int64_t heads, int64_t depth,
                                 void* gradient, const float* logs, void* to, int32_t half, int32_t threads) {
    const Packed p{sources, images, frames, tokens, heads, depth};
    if (half == 0)
        return attend_gradient(p, static_cast<float*>(packed), static_cast<const float*>(bias), static_cast<float*>(gradient), logs, static_cast<float*>(to), threads,
                               lab::backward_floats(p.shape()), lab::head_kernels.backward);
    const std::vector<float> biases = widened(bias, p.row());
    attend_gradient(p, static_cast<uint16_t*>(packed), bias == nullptr ? nullptr : biases.data(), static_cast<uint16_t*>(gradient), logs, static_cast<uint16_t*>(to), threads,
                    lab::backward_half_floats(p.shape()), lab::head_kernels.backward_half);
}

// y ← v·σ(1.702v), v = x + b, (rows, width) and (width); width a multiple of 16. `y` may be `x`.
LAB_API void lab_quick_gelu(const void* x, const void* bias, void* y, int64_t rows, int64_t width, int32_t half, int32_t threads) {
    in_numbers(half, [&](auto number) {
        using T = decltype(number);
        in_parallel(rows, threads, [&](int64_t first, int64_t count) {
            passes<T>().quick_gelu(at(static_cast<const T*>(x), first * width), static_cast<const T*>(bias), at(static_cast<T*>(y), first * width), count, width);
        });
    });
}

// From the gradient of y that of x.
LAB_API void lab_quick_gelu_gradient(const void* x, const void* bias, const void* gradient, void* to, int64_t rows, int64_t width, int32_t half, int32_t threads) {
    in_numbers(half, [&](auto number) {
        using T = decltype(number);
        in_parallel(rows, threads, [&](int64_t first, int64_t count) {
            const int64_t skip = first * width;
            passes<T>().quick_gelu_gradient(at(static_cast<const T*>(x), skip), static_cast<const T*>(bias), at(static_cast<const T*>(gradient), skip),
                                            at(static_cast<T*>(to), skip), count, width);
        });
    });
}

// sum ← x + y + b, (rows, width) and (width); width a multiple of 16. `sum` may be `y`.
LAB_API void lab_sum_bias(const void* x, const void* y, const void* bias, void* sum, int64_t rows, int64_t width, int32_t half, int32_t threads) {
    in_numbers(half, [&](auto number) {
        using T = decltype(number);
        in_parallel(rows, threads, [&](int64_t first, int64_t count) {
            const int64_t skip = first * width;
            passes<T>().sum_bias(at(static_cast<const T*>(x), skip), at(static_cast<const T*>(y), skip), static_cast<const T*>(bias), at(static_cast<T*>(sum), skip), count, width);
        });
    });
}

// The sum of all rows, (width), a multiple of 16.
LAB_API void lab_column_sums(const void* x, void* sums, int64_t rows, int64_t width, int32_t half, int32_t threads) {
    constexpr int64_t kColumns = 16;
    in_numbers(half, [&](auto number) {
        using T = decltype(number);
        in_parallel(width / kColumns, threads, [&](int64_t first, int64_t count) {
            passes<T>().column_sums(at(static_cast<const T*>(x), first * kColumns), rows, width, count * kColumns, at(static_cast<T*>(sums), first * kColumns));
        });
    });
}

// sum ← x + y and normed ← norm(sum), (rows, width); width a multiple of 16. Without y the norm is x's; `normed` may be null.
// x, sum, weight and bias are 32-bit floats; `half`: y and normed are bfloat16.
LAB_API void lab_sum_norm(const float* x, const void* y, float* sum, const float* weight, const float* bias, float eps, void* normed, int64_t rows, int64_t width,
                          int32_t half, int32_t threads) {
    in_numbers(half, [&](auto number) {
        using T = decltype(number);
        in_parallel(rows, threads, [&](int64_t first, int64_t count) {
            const int64_t skip = first * width;
            passes<T>().sum_norm(x + skip, at(static_cast<const T*>(y), skip), at(sum, skip), weight, bias, eps, at(static_cast<T*>(normed), skip), count, width);
        });
    });
}

// From the gradient of norm(x) that of x, a 32-bit float; `half`: the gradient is bfloat16.
LAB_API void lab_norm_gradient(const float* x, const float* weight, float eps, const void* gradient, float* to, int64_t rows, int64_t width, int32_t half, int32_t threads) {
    in_numbers(half, [&](auto number) {
        using T = decltype(number);
        in_parallel(rows, threads, [&](int64_t first, int64_t count) {
            const int64_t skip = first * width;
            passes<T>().norm_gradient(x + skip, weight, eps, at(static_cast<const T*>(gradient), skip), to + skip, count, width);
        });
    });
}
