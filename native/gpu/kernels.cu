// What a block does between its matrix products on an NVIDIA GPU where libtorch takes more passes over memory for it: norm and sum,
// their gradient, and the relocation of STDHA. lib/Backbone/GpuKernels.cs launches these through CUDA's driver library.
//
// They reach the GPU as kernels.ptx, which the driver compiles for the GPU that it finds: neither CUDA's compiler nor its headers
// are needed, here or there. After a change, make that again (clang 14 or later):
//
//     cmake --build native/build --target gpukernels
//
// What the tests run on a simulated GPU (tests/OnGpu) is that very file.

typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;

#define ON_GPU __attribute__((device, always_inline))
#define KERNEL extern "C" __attribute__((global)) void

ON_GPU inline int thread_index() { return __nvvm_read_ptx_sreg_tid_x(); }
ON_GPU inline int block_index() { return __nvvm_read_ptx_sreg_ctaid_x(); }
ON_GPU inline int block_size() { return __nvvm_read_ptx_sreg_ntid_x(); }
// The value of the lane whose number differs in the bits of `mask`.
ON_GPU inline float of_lane_across(float value, int mask) { return __nvvm_shfl_sync_bfly_f32(0xffffffffu, value, mask, 31); }
ON_GPU inline float reciprocal_root(float x) { return __nvvm_rsqrt_approx_f(x); }
ON_GPU inline float bits_as_float(uint32_t bits) { return __builtin_bit_cast(float, bits); }
ON_GPU inline uint32_t float_as_bits(float x) { return __builtin_bit_cast(uint32_t, x); }

ON_GPU inline float of_float16(uint16_t bits) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
    return x;
}

ON_GPU inline uint16_t as_float16(float x) {
    uint16_t bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}

struct BFloat16 { uint16_t bits; };
struct Float16 { uint16_t bits; };

// What one thread reads or writes at once.
typedef float Four __attribute__((vector_size(16), may_alias));
typedef uint64_t FourHalves __attribute__((may_alias));
typedef uint32_t Piece __attribute__((vector_size(16), may_alias));

ON_GPU inline float wide(BFloat16 x) { return bits_as_float(static_cast<uint32_t>(x.bits) << 16); }
ON_GPU inline float wide(Float16 x) { return of_float16(x.bits); }

// To the nearest, of two as near to the even one.
ON_GPU inline BFloat16 narrow(float x, BFloat16) {
    const uint32_t bits = float_as_bits(x);
    return {static_cast<uint16_t>(x != x ? 0x7fc0 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}

ON_GPU inline Float16 narrow(float x, Float16) { return {as_float16(x)}; }

ON_GPU inline Four load(const float* p) { return *reinterpret_cast<const Four*>(p); }

template <typename T>
ON_GPU inline Four load(const T* p) {
    const uint64_t x = *reinterpret_cast<const FourHalves*>(p);
    const auto at = [&](int i) { return wide(T{static_cast<uint16_t>(x >> 16 * i)}); };
    return Four{at(0), at(1), at(2), at(3)};
}

ON_GPU inline void store(float* p, Four x) { *reinterpret_cast<Four*>(p) = x; }

template <typename T>
ON_GPU inline void store(T* p, Four x) {
    const auto at = [&](int i) { return static_cast<uint64_t>(narrow(x[i], T()).bits) << 16 * i; };
    *reinterpret_cast<FourHalves*>(p) = at(0) | at(1) | at(2) | at(3);
}

ON_GPU inline float sum_of(Four x) { return (x[0] + x[1]) + (x[2] + x[3]); }

// A warp's lanes, whose sum all of them get.
constexpr int kLanes = 32;

ON_GPU inline float sum_of_lanes(float x) {
    for (int mask = kLanes / 2; mask > 0; mask /= 2) x += of_lane_across(x, mask);
    return x;
}

// The row of a warp, up to 1024 numbers: each lane has every 32nd four of them in registers.
struct Row {
    static constexpr int kFours = 8;
    Four part[kFours];

    template <typename F>
    ON_GPU static void each(int width, F body) {
#pragma unroll
        for (int i = 0; i < kFours; i++) {
            const int column = (i * kLanes + thread_index() % kLanes) * 4;
            if (column < width) body(i, column);
        }
    }

    template <typename F>
    ON_GPU static float sum(int width, F term) {
        float total = 0;
        each(width, [&](int i, int column) { total += sum_of(term(i, column)); });
        return sum_of_lanes(total);
    }
};

ON_GPU inline int row_index() { return block_index() * (block_size() / kLanes) + thread_index() / kLanes; }

// sum ← x + y and normed ← norm(sum), (rows, width); width a multiple of 4. Without y the norm is x's, and sum or normed may be missing.
template <typename T>
ON_GPU inline void sum_norm(const float* x, const T* y, float* sum, const float* weight, const float* bias, float eps, T* normed, int rows, int width) {
    if (row_index() >= rows) return;
    const int64_t skip = static_cast<int64_t>(row_index()) * width;
    // Whatever is to be read is asked for before any of it is waited for.
    Row row, added;
    row.each(width, [&](int i, int column) { row.part[i] = load(x + skip + column); });
    if (y != nullptr) {
        added.each(width, [&](int i, int column) { added.part[i] = load(y + skip + column); });
        row.each(width, [&](int i, int) { row.part[i] += added.part[i]; });
    }
    if (sum != nullptr) row.each(width, [&](int i, int column) { store(sum + skip + column, row.part[i]); });
    if (normed == nullptr) return;
    const float mean = row.sum(width, [&](int i, int) { return row.part[i]; }) / width;
    const float variance = row.sum(width, [&](int i, int) { return (row.part[i] - mean) * (row.part[i] - mean); }) / width;
    const float scale = reciprocal_root(variance + eps);
    row.each(width, [&](int i, int column) { store(normed + skip + column, (row.part[i] - mean) * scale * load(weight + column) + load(bias + column)); });
}

// From the gradient of norm(x) that of x: with n = (x - mean)·scale and g = gradient·weight, to = scale·(g - mean(g) - n·mean(g·n)).
template <typename T>
ON_GPU inline void norm_gradient(const float* x, const float* weight, float eps, const T* gradient, float* to, int rows, int width) {
    if (row_index() >= rows) return;
    const int64_t skip = static_cast<int64_t>(row_index()) * width;
    Row row, given;
    row.each(width, [&](int i, int column) { row.part[i] = load(x + skip + column); });
    given.each(width, [&](int i, int column) { given.part[i] = load(gradient + skip + column); });
    given.each(width, [&](int i, int column) { given.part[i] *= load(weight + column); });
    const float mean = row.sum(width, [&](int i, int) { return row.part[i]; }) / width;
    const float variance = row.sum(width, [&](int i, int) { return (row.part[i] - mean) * (row.part[i] - mean); }) / width;
    const float scale = reciprocal_root(variance + eps);
    row.each(width, [&](int i, int) { row.part[i] = (row.part[i] - mean) * scale; });
    const float mean_given = row.sum(width, [&](int i, int) { return given.part[i]; }) / width;
    const float mean_product = row.sum(width, [&](int i, int) { return given.part[i] * row.part[i]; }) / width;
    row.each(width, [&](int i, int column) { store(to + skip + column, scale * (given.part[i] - mean_given - row.part[i] * mean_product)); });
}

#define ROW_KERNELS(T)                                                                                                                  \
    KERNEL sum_norm_##T(const float* x, const T* y, float* sum, const float* weight, const float* bias, float eps, T* normed, int rows, \
                        int width) {                                                                                                    \
        sum_norm(x, y, sum, weight, bias, eps, normed, rows, width);                                                                    \
    }                                                                                                                                   \
    KERNEL norm_gradient_##T(const float* x, const float* weight, float eps, const T* gradient, float* to, int rows, int width) {       \
        norm_gradient(x, weight, eps, gradient, to, rows, width);                                                                       \
    }

ROW_KERNELS(float)
ROW_KERNELS(BFloat16)
ROW_KERNELS(Float16)

// Keys and values of neighbouring heads with one time offset come to stand at the frames that see them: frame t gets those of t + offset,
// each read and written once. A thread has one place of all frames of a clip and goes through them such that what it overwrites has been
// read. Frames whose source lies outside the clip keep their own, or with `clamp` get the outermost frame's.
// packed: (clips, frames, tokens, row) pieces of 16 bytes; first: the heads' first piece of keys in a row, those of values are `values`
// pieces further; pieces: how many the heads have of each.
KERNEL relocate(Piece* packed, int clips, int frames, int tokens, int row, int first, int values, int pieces, int offset, int clamp) {
    constexpr int kAhead = 4;
    const unsigned place = static_cast<unsigned>(block_index()) * block_size() + thread_index(), line = place / pieces;
    if (line / 2 / tokens >= static_cast<unsigned>(clips)) return;
    const int64_t frame = static_cast<int64_t>(tokens) * row;
    Piece* at = packed + line / 2 / tokens * frame * frames + static_cast<int64_t>(line / 2 % tokens) * row + first + line % 2 * values + place % pieces;
    // Towards where frames come from: the last ones have none beyond them.
    const int distance = offset > 0 ? offset : -offset, last = frames - 1, moved = clamp ? last : frames - distance;
    const int64_t step = offset > 0 ? frame : -frame;
    if (offset < 0) at += last * frame;
    for (int t = 0; t < moved; t += kAhead) {
        Piece seen[kAhead];
#pragma unroll
        for (int i = 0; i < kAhead; i++) {
            const int source = t + i + distance;
            if (t + i < moved) seen[i] = at[(source < last ? source : last) * step];
        }
#pragma unroll
        for (int i = 0; i < kAhead; i++)
            if (t + i < moved) at[(t + i) * step] = seen[i];
    }
}
