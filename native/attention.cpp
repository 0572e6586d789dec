// Attention of many small heads on the CPU, for libtorch versions without a fused one.
//
// libtorch 1.13 computes softmax(QKᵀ/√d)V as two batched products, and a build without MKL (Debian's) runs those as a
// serial loop of calls, one for each frame and head: with a few dozen tokens most of the time goes into the calls. Here
// each head is one task of at::parallel_for; attention_head.cpp has the work.
// Every head is computed in the same order whatever the number of threads, so results repeat bit for bit.

#include "attention.h"
#include "attention_head.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

namespace {

using namespace lab;

at::Tensor dense_rows(const at::Tensor& t) { return t.stride(3) == 1 ? t : t.contiguous(); }

template <typename T>
T* head_of(const at::Tensor& t, int64_t index) {
    const int64_t heads = t.size(1);
    return static_cast<T*>(t.data_ptr()) + (index / heads) * t.stride(0) + (index % heads) * t.stride(1);
}

Rows head(const at::Tensor& t, int64_t index) { return {head_of<float>(t, index), t.stride(2)}; }

HalfRows half_head(const at::Tensor& t, int64_t index) { return {head_of<uint16_t>(t, index), t.stride(2)}; }

Shape shape_of(const at::Tensor& q, const at::Tensor& k) { return attention_shape(q.size(2), k.size(2), q.size(3)); }

bool is_half(const at::Tensor& t) { return t.scalar_type() == at::kBFloat16; }

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
        const int64_t floats = is_half(q) ? forward_half_floats(s) : forward_floats(s);
        for_each_head(q.size(0) * q.size(1), floats, [&](int64_t i, float* space) {
            if (is_half(q)) head_kernels.forward_half(s, half_head(q, i), half_head(k, i), half_head(v, i), nullptr, half_head(out, i), log + i * s.tokens, space);
            else head_kernels.forward(s, head(q, i), head(k, i), head(v, i), nullptr, head(out, i), log + i * s.tokens, space);
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
        const int64_t floats = is_half(q) ? backward_half_floats(s) : backward_floats(s);
        for_each_head(q.size(0) * q.size(1), floats, [&](int64_t i, float* space) {
            if (is_half(q))
                head_kernels.backward_half(s, half_head(q, i), half_head(k, i), half_head(v, i), half_head(dout, i), log + i * s.tokens, half_head(dq, i), half_head(dk, i),
                                           half_head(dv, i), space);
            else head_kernels.backward(s, head(q, i), head(k, i), head(v, i), head(dout, i), log + i * s.tokens, head(dq, i), head(dk, i), head(dv, i), space);
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
