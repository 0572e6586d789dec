// Vectors of numbers in GCC's own notation, as wide as the processor's; see vectors.inc.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>

// Rows and stretches are rounded up to so many numbers, whole vectors of every processor.
constexpr int64_t kWhole = 16;

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && __GNUC__ >= 10
#define LAB_AVX512_HALF
#endif

namespace lab {

// Each has what those before it have; avx512_half also multiplies pairs of 16-bit numbers.
enum class Vectors { plain, avx2, avx512, avx512_half };

// This processor's, or less where LAB_KERNELS_VECTORS is plain, avx2 or avx512.
inline Vectors vectors() {
    const char* most = std::getenv("LAB_KERNELS_VECTORS");
    const auto allowed = [&](const char* less) { return most == nullptr || std::strcmp(most, less) != 0; };
    if (!allowed("plain")) return Vectors::plain;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Vectors::plain;
    if (!allowed("avx2") || !__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return Vectors::avx2;
#ifdef LAB_AVX512_HALF
    if (allowed("avx512") && __builtin_cpu_supports("avx512bf16")) return Vectors::avx512_half;
#endif
    return Vectors::avx512;
#else
    return Vectors::plain;
#endif
}

}  // namespace lab
