// Vectors of sixteen numbers in GCC's own notation, whatever the processor's are; see vectors.inc.
#pragma once

#include <cstdint>

constexpr int64_t kWidth = 16;
typedef float vec __attribute__((vector_size(64)));
typedef int32_t ivec __attribute__((vector_size(64)));
typedef uint32_t uvec __attribute__((vector_size(64)));
typedef uint16_t hvec __attribute__((vector_size(32)));  // bfloat16: the upper halves of 32-bit floats

#define INLINE static inline __attribute__((always_inline))
