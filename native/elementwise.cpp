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

template <typename T>
lab::Passes<T> choose() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return {avx512::quick_gelu<T>, avx512::quick_gelu_gradient<T>, avx512::sum_norm<T>, avx512::norm_gradient<T>, avx512::silu<T>, avx512::dropout<T>};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return {avx2::quick_gelu<T>, avx2::quick_gelu_gradient<T>, avx2::sum_norm<T>, avx2::norm_gradient<T>, avx2::silu<T>, avx2::dropout<T>};
#endif
    return {plain::quick_gelu<T>, plain::quick_gelu_gradient<T>, plain::sum_norm<T>, plain::norm_gradient<T>, plain::silu<T>, plain::dropout<T>};
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
