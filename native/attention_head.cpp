// Attention of one head on the CPU. Its N×N weights stay in the cache, and nothing of that size is stored.
//
// Forward keeps the logarithm of each row's sum; backward computes the weights again from it:
//   P = exp(QKᵀ/√d - l),  dV = PᵀdO,  dP = dO·Vᵀ,  dS = P∘(dP - rowsum(P∘dP)),  dQ = dS·K/√d,  dK = dSᵀ·Q/√d.

#include "attention_head.h"
#include "half.h"
#include "vectors.h"

#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lab {
namespace {

constexpr int64_t kMostRows = 6;  // of a tile

int64_t padded(int64_t n) { return (n + kWhole - 1) / kWhole * kWhole; }

// Sums of a tile are held in registers: 32 of 64 bytes with AVX-512, 16 of 32 with AVX2, 16 of 16 before it.
namespace plain {
#define LANES 4
constexpr int kTileRows = 3, kTileVectors = 4;
#include "vectors.inc"
#include "attention_head.inc"
#undef LANES
}

#if defined(__x86_64__)
namespace avx2 {
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define LANES 8
constexpr int kTileRows = 6, kTileVectors = 2;
#include "vectors.inc"
#include "attention_head.inc"
#undef LANES
#pragma GCC pop_options
}

namespace avx512 {
#pragma GCC push_options
#pragma GCC target("avx512f,avx2,fma")
#define LANES 16
constexpr int kTileRows = 6, kTileVectors = 4;
#include "vectors.inc"
#include "attention_head.inc"
#undef LANES
#pragma GCC pop_options
}
#endif

}  // namespace

Shape attention_shape(int64_t tokens, int64_t keys, int64_t depth) {
    return {tokens, keys, depth, padded(keys), padded(depth), static_cast<float>(1 / std::sqrt(static_cast<double>(depth)))};
}

int64_t forward_floats(const Shape& s) {
    return s.depth * s.wide_keys + s.keys * s.wide_depth + kMostRows * (s.wide_keys + s.wide_depth);
}

int64_t forward_half_floats(const Shape& s) { return forward_floats(s) + 2 * (s.tokens + s.keys) * s.depth; }

// A tile's rows and their halves beside what is widened, or beside what lies in pairs, which is less.
int64_t backward_half_floats(const Shape& s) {
    return backward_floats(s) + 3 * s.tokens * s.depth + 4 * s.keys * s.depth + 3 * kMostRows * (s.wide_keys + s.wide_depth) + s.wide_keys + s.wide_depth;
}

int64_t backward_floats(const Shape& s) {
    return 2 * s.depth * s.wide_keys + s.keys * s.wide_depth + 2 * s.tokens * s.wide_depth + 2 * s.tokens * s.wide_keys +
        (s.tokens > s.keys ? s.tokens : s.keys) * s.wide_depth;
}

void widen(const uint16_t* from, int64_t from_row, int64_t count, int64_t depth, float* to) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t l = 0; l < depth; l++) to[i * depth + l] = wide(from[i * from_row + l]);
}

void narrow(const float* from, int64_t count, int64_t depth, uint16_t* to, int64_t to_row) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t l = 0; l < depth; l++) to[i * to_row + l] = rounded(from[i * depth + l]);
}

namespace {

// Without products of 16-bit numbers they are widened head by head, while the head is in the cache.
template <Forward forward>
void forward_widened(const Shape& s, HalfRows q, HalfRows k, HalfRows v, const float* bias, HalfRows out, float* logs, float* space) {
    float *queries = space, *keys = queries + s.tokens * s.depth, *values = keys + s.keys * s.depth, *result = values + s.keys * s.depth;
    widen(q.data, q.row, s.tokens, s.depth, queries);
    widen(k.data, k.row, s.keys, s.depth, keys);
    widen(v.data, v.row, s.keys, s.depth, values);
    forward(s, {queries, s.depth}, {keys, s.depth}, {values, s.depth}, bias, {result, s.depth}, logs, result + s.tokens * s.depth);
    narrow(result, s.tokens, s.depth, out.data, out.row);
}

template <Backward backward>
void backward_widened(const Shape& s, HalfRows q, HalfRows k, HalfRows v, HalfRows dout, const float* logs, HalfRows dq, HalfRows dk, HalfRows dv, float* space) {
    const int64_t of_queries = s.tokens * s.depth, of_keys = s.keys * s.depth;
    float *queries = space, *gradient = queries + of_queries, *to_queries = gradient + of_queries, *keys = to_queries + of_queries, *values = keys + of_keys,
          *to_keys = values + of_keys, *to_values = to_keys + of_keys;
    widen(q.data, q.row, s.tokens, s.depth, queries);
    widen(dout.data, dout.row, s.tokens, s.depth, gradient);
    widen(k.data, k.row, s.keys, s.depth, keys);
    widen(v.data, v.row, s.keys, s.depth, values);
    backward(s, {queries, s.depth}, {keys, s.depth}, {values, s.depth}, {gradient, s.depth}, logs, {to_queries, s.depth}, {to_keys, s.depth}, {to_values, s.depth},
             to_values + of_keys);
    narrow(to_queries, s.tokens, s.depth, dq.data, dq.row);
    narrow(to_keys, s.keys, s.depth, dk.data, dk.row);
    narrow(to_values, s.keys, s.depth, dv.data, dv.row);
}

#ifdef LAB_AVX512_HALF
namespace avx512 {
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")
#include "attention_half.inc"
#pragma GCC pop_options
}
#endif

HeadKernels choose() {
    switch (vectors()) {
#if defined(__x86_64__)
#ifdef LAB_AVX512_HALF
    case Vectors::avx512_half: return {avx512::forward_head, avx512::backward_head, avx512::forward_half_head, avx512::backward_half_head};
#endif
    case Vectors::avx512: return {avx512::forward_head, avx512::backward_head, forward_widened<avx512::forward_head>, backward_widened<avx512::backward_head>};
    case Vectors::avx2: return {avx2::forward_head, avx2::backward_head, forward_widened<avx2::forward_head>, backward_widened<avx2::backward_head>};
#endif
    default: return {plain::forward_head, plain::backward_head, forward_widened<plain::forward_head>, backward_widened<plain::backward_head>};
    }
}

}  // namespace

const HeadKernels head_kernels = choose();

}  // namespace lab
