#include "elementwise.h"
#include "vectors.h"

#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

namespace plain {
#define LANES 4
#include "vectors.inc"
#include "elementwise.inc"
#undef LANES
}

#if defined(__x86_64__)
namespace avx2 {
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define LANES 8
#include "vectors.inc"
#include "elementwise.inc"
#undef LANES
#pragma GCC pop_options
}

namespace avx512 {
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx2,fma")
#define LANES 16
#include "vectors.inc"
#include "elementwise.inc"
#undef LANES
#pragma GCC pop_options
}

#ifdef LAB_AVX512_HALF
namespace avx512_half {
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")
#define LANES 16
#define HALVES
#include "vectors.inc"
#include "elementwise.inc"
#undef LANES
#undef HALVES
#pragma GCC pop_options
}
#endif
#endif

#define PASSES(set)                                                                                                        \
    {                                                                                                                      \
        set::quick_gelu<T>, set::quick_gelu_gradient<T>, set::sum_norm<T>, set::norm_gradient<T>, set::add_bias<T>,        \
            set::sum_bias<T>, set::column_sums<T>, set::silu<T>, set::dropout<T>                                           \
    }

template <typename T>
lab::Passes<T> choose() {
    switch (lab::vectors()) {
#if defined(__x86_64__)
#ifdef LAB_AVX512_HALF
    case lab::Vectors::avx512_half: return PASSES(avx512_half);
#endif
    case lab::Vectors::avx512: return PASSES(avx512);
    case lab::Vectors::avx2: return PASSES(avx2);
#endif
    default: return PASSES(plain);
    }
}

}  // namespace

namespace lab {

template <typename T>
const Passes<T>& passes() {
    static const Passes<T> chosen = choose<T>();
    return chosen;
}

template const Passes<float>& passes<float>();
template const Passes<uint16_t>& passes<uint16_t>();

}  // namespace lab
