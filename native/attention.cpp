// Attention of many small heads on the CPU, for libtorch versions without a fused one.
//
// libtorch 1.13 computes softmax(QKᵀ/√d)V as two batched products, and a build without MKL (Debian's) runs those as a
// serial loop of calls, one for each frame and head: with a few dozen tokens most of the time goes into the calls. Here
// each head is one task of at::parallel_for and its N×N weights stay in the cache; nothing of that size is stored.
//
// Forward keeps the logarithm of each row's sum; backward computes the weights again from it:
//   P = exp(QKᵀ/√d - l),  dV = PᵀdO,  dP = dO·Vᵀ,  dS = P∘(dP - rowsum(P∘dP)),  dQ = dS·K/√d,  dK = dSᵀ·Q/√d.
// Every head is computed in the same order whatever the number of threads, so results repeat bit for bit.

#include "attention.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace {

constexpr int64_t kWidth = 16;
constexpr int64_t kMostRows = 6;  // of a tile
typedef float vec __attribute__((vector_size(64)));
typedef int32_t ivec __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))

int64_t padded(int64_t n) { return (n + kWidth - 1) / kWidth * kWidth; }

// One head's matrix inside a [B, h, N, d] tensor whose last dimension is dense.
struct Rows {
    float* data;
    int64_t row;
};

struct Shape {
    int64_t tokens, keys, depth;         // N, M, d
    int64_t wide_keys, wide_depth;       // rounded up to whole vectors
    float scale;
};

int64_t forward_floats(const Shape& s) {
    return s.depth * s.wide_keys + s.keys * s.wide_depth + kMostRows * (s.wide_keys + s.wide_depth);
}

int64_t backward_floats(const Shape& s) {
    return 2 * s.depth * s.wide_keys + s.keys * s.wide_depth + 2 * s.tokens * s.wide_depth + 2 * s.tokens * s.wide_keys +
        (s.tokens > s.keys ? s.tokens : s.keys) * s.wide_depth;
}

// Sums of a tile are held in registers: 32 of 64 bytes with AVX-512, 16 of 32 before it.
namespace plain {
constexpr int kTileRows = 4, kTileVectors = 2;
#include "attention_head.inc"
}

#if defined(__x86_64__)
namespace avx2 {
#pragma GCC push_options
#pragma GCC target("avx2,fma")
constexpr int kTileRows = 3, kTileVectors = 2;
#include "attention_head.inc"
#pragma GCC pop_options
}

namespace avx512 {
#pragma GCC push_options
#pragma GCC target("avx512f,avx2,fma")
constexpr int kTileRows = 6, kTileVectors = 4;
#include "attention_head.inc"
#pragma GCC pop_options
}
#endif

struct Kernels {
    decltype(&plain::forward_head) forward;
    decltype(&plain::backward_head) backward;
};

Kernels choose() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return {avx512::forward_head, avx512::backward_head};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {avx2::forward_head, avx2::backward_head};
#endif
    return {plain::forward_head, plain::backward_head};
}

const Kernels kernels = choose();

at::Tensor dense_rows(const at::Tensor& t) { return t.stride(3) == 1 ? t : t.contiguous(); }

Rows head(const at::Tensor& t, int64_t index) {
    const int64_t heads = t.size(1);
    return {t.data_ptr<float>() + (index / heads) * t.stride(0) + (index % heads) * t.stride(1), t.stride(2)};
}

Shape shape_of(const at::Tensor& q, const at::Tensor& k) {
    return {q.size(2), k.size(2), q.size(3), padded(k.size(2)), padded(q.size(3)), static_cast<float>(1 / std::sqrt(static_cast<double>(q.size(3))))};
}

// Sixteen-bit numbers are widened head by head, while the head is in the cache, and computed as 32-bit floats: softmax
// and sums lose nothing. Each holds the upper half of a 32-bit float.
void widen(const at::BFloat16* from, int64_t from_row, int64_t count, int64_t depth, float* to) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t l = 0; l < depth; l++) {
            const uint32_t bits = static_cast<uint32_t>(from[i * from_row + l].x) << 16;
            std::memcpy(to + i * depth + l, &bits, sizeof bits);
        }
}

void narrow(const float* from, int64_t count, int64_t depth, at::BFloat16* to, int64_t to_row) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t l = 0; l < depth; l++) {
            uint32_t bits;
            std::memcpy(&bits, from + i * depth + l, sizeof bits);
            // To the nearest, to the even one of two. What is no number stays none.
            const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
            to[i * to_row + l].x = static_cast<uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded);
        }
}

bool is_half(const at::Tensor& t) { return t.scalar_type() == at::kBFloat16; }

// Where one head of a tensor can be read as 32-bit floats: in place, or widened into `space`, which moves on.
Rows read_head(const at::Tensor& t, int64_t index, float*& space) {
    if (!is_half(t)) return head(t, index);
    const int64_t heads = t.size(1), count = t.size(2), depth = t.size(3);
    const auto* from = t.data_ptr<at::BFloat16>() + (index / heads) * t.stride(0) + (index % heads) * t.stride(1);
    float* to = space;
    widen(from, t.stride(2), count, depth, to);
    space += count * depth;
    return {to, depth};
}

// Where one head of a result is to be written, and what puts it into its place afterwards.
Rows write_head(const at::Tensor& t, int64_t index, float*& space) {
    if (!is_half(t)) return head(t, index);
    Rows to{space, t.size(3)};
    space += t.size(2) * t.size(3);
    return to;
}

void finish_head(const at::Tensor& t, int64_t index, const Rows& rows) {
    if (!is_half(t)) return;
    const int64_t heads = t.size(1);
    narrow(rows.data, t.size(2), t.size(3), t.data_ptr<at::BFloat16>() + (index / heads) * t.stride(0) + (index % heads) * t.stride(1), t.stride(2));
}

int64_t half_floats(const at::Tensor& t) { return is_half(t) ? t.size(2) * t.size(3) : 0; }

template <typename F>
void for_each_head(int64_t heads, int64_t floats, F&& body) {
    at::parallel_for(0, heads, 4, [&](int64_t begin, int64_t end) {
        thread_local std::vector<float> space;
        if (space.size() < static_cast<size_t>(floats)) space.resize(floats);
        for (int64_t i = begin; i < end; i++) body(i, space.data());
    });
}

class Attention : public torch::autograd::Function<Attention> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, at::Tensor q, at::Tensor k, at::Tensor v) {
        at::AutoDispatchBelowADInplaceOrView below;
        q = dense_rows(q), k = dense_rows(k), v = dense_rows(v);
        const Shape s = shape_of(q, k);
        // [B, N, h, d] in memory: what the caller does next is to join the heads again.
        at::Tensor out = at::empty({q.size(0), q.size(2), q.size(1), q.size(3)}, q.options()).transpose(1, 2);
        at::Tensor logs = at::empty({q.size(0), q.size(1), q.size(2)}, q.options().dtype(at::kFloat));
        float* log = logs.data_ptr<float>();
        const int64_t floats = forward_floats(s) + 2 * half_floats(q) + 2 * half_floats(k);
        for_each_head(q.size(0) * q.size(1), floats, [&](int64_t i, float* space) {
            const Rows queries = read_head(q, i, space), keys = read_head(k, i, space), values = read_head(v, i, space);
            const Rows result = write_head(out, i, space);
            kernels.forward(s, queries, keys, values, result, log + i * s.tokens, space);
            finish_head(out, i, result);
        });
        context->save_for_backward({q, k, v, logs});
        return out;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        TORCH_CHECK(!at::GradMode::is_enabled(), "scaled_dot_product_attention has no second derivative here; ask for first derivatives only");
        const auto saved = context->get_saved_variables();
        const at::Tensor &q = saved[0], &k = saved[1], &v = saved[2];
        const at::Tensor dout = dense_rows(gradients[0]);
        const float* log = saved[3].data_ptr<float>();
        const Shape s = shape_of(q, k);
        const auto like = [](const at::Tensor& t) {
            return at::empty({t.size(0), t.size(2), t.size(1), t.size(3)}, t.options()).transpose(1, 2);
        };
        at::Tensor dq = like(q), dk = like(k), dv = like(v);
        const int64_t floats = backward_floats(s) + 3 * half_floats(q) + 4 * half_floats(k);
        for_each_head(q.size(0) * q.size(1), floats, [&](int64_t i, float* space) {
            const Rows queries = read_head(q, i, space), keys = read_head(k, i, space), values = read_head(v, i, space);
            const Rows gradient = read_head(dout, i, space);
            const Rows to_q = write_head(dq, i, space), to_k = write_head(dk, i, space), to_v = write_head(dv, i, space);
            kernels.backward(s, queries, keys, values, gradient, log + i * s.tokens, to_q, to_k, to_v, space);
            finish_head(dq, i, to_q);
            finish_head(dk, i, to_k);
            finish_head(dv, i, to_v);
        });
        return {dq, dk, dv};
    }
};

bool is_plain(const at::Tensor& t) {
    return t.is_cpu() && t.dim() == 4 && t.layout() == at::kStrided && (t.scalar_type() == at::kFloat || t.scalar_type() == at::kBFloat16);
}

}  // namespace

namespace lab {

bool can_fuse_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
    // Past some 512 tokens a head's weights no longer fit the cache and the library's large products win.
    return is_plain(query) && is_plain(key) && is_plain(value) && key.scalar_type() == query.scalar_type() &&
        value.scalar_type() == query.scalar_type() && key.sizes() == value.sizes() && query.size(0) == key.size(0) &&
        query.size(1) == key.size(1) && query.size(3) == key.size(3) && query.numel() > 0 && key.numel() > 0 &&
        query.size(2) <= 512 && key.size(2) <= 512;
}

at::Tensor fused_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
    return Attention::apply(query, key, value);
}

}  // namespace lab
