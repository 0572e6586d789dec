// bfloat16 as uint16_t, the upper half of a 32-bit float.
#pragma once

#include <cstdint>
#include <cstring>

namespace lab {

inline float wide(uint16_t half) {
    const uint32_t bits = static_cast<uint32_t>(half) << 16;
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

// To the nearest, to the even one of two. What is no number stays none.
inline uint16_t rounded(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return static_cast<uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace lab
