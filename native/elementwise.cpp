#include "elementwise.h"
#include "vectors.h"

#include <cmath>
#include <cstring>

namespace {

namespace plain {
#include "vectors.inc"
#include "elementwise.inc"
}

#if defined(__x86_64__)
namespace avx2 {
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#include "vectors.inc"
#include "elementwise.inc"
#pragma GCC pop_options
}

namespace avx512 {
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx2,fma")
#include "vectors.inc"
#include "elementwise.inc"
#pragma GCC pop_options
}
#endif

#define PASSES(set)                                                                                                        \
    {                                                                                                                      \
        set::quick_gelu<T>, set::quick_gelu_gradient<T>, set::sum_norm<T>, set::norm_gradient<T>, set::add_bias<T>,        \
            set::sum_bias<T>, set::column_sums<T>, set::silu<T>, set::dropout<T>                                           \
    }

template <typename T>
lab::Passes<T> choose() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) return PASSES(avx512);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return PASSES(avx2);
#endif
    return PASSES(plain);
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
