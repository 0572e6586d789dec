// Everything that differs between libtorch 1.13 and the newest.
#pragma once

#include "attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>
#include <torch/version.h>
#if __has_include(<torch/csrc/autograd/anomaly_mode.h>)
#include <torch/csrc/autograd/anomaly_mode.h>
#endif

#define LAB_TORCH_AT_LEAST(major, minor) \
    (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace lab {

// c10's Optional became std::optional; this follows whatever the library's own functions take.
template <typename T>
#if LAB_TORCH_AT_LEAST(2, 4)
using Optional = std::optional<T>;
#else
using Optional = c10::optional<T>;
#endif

inline at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                            const Optional<at::Tensor>& mask, double dropout, bool causal) {
#if LAB_TORCH_AT_LEAST(2, 0)
    // Its fused attention on the CPU calls BLAS for every tile, from every thread at once. MKL takes that; OpenBLAS has its callers
    // wait for one another.
    const bool own = !at::hasMKL();
#else
    // 1.13 has none.
    const bool own = true;
#endif
    if (own && !mask.has_value() && dropout == 0 && !causal && can_fuse_attention(query, key, value))
        return fused_attention(query, key, value);
#if LAB_TORCH_AT_LEAST(2, 0)
    return at::scaled_dot_product_attention(query, key, value, mask, dropout, causal);
#else
    // The scale goes to the queries, the smallest of the tensors, and the heads are one batch.
    TORCH_CHECK(query.dim() >= 2 && key.dim() >= 2 && value.dim() >= 2,
                "scaled_dot_product_attention: expected query, key and value with at least 2 dimensions, found ",
                query.dim(), ", ", key.dim(), " and ", value.dim());
    TORCH_CHECK(query.size(-1) == key.size(-1),
                "scaled_dot_product_attention: query and key differ in the last dimension: ", query.sizes(), " and ",
                key.sizes());
    TORCH_CHECK(key.size(-2) == value.size(-2),
                "scaled_dot_product_attention: key and value differ in length: ", key.sizes(), " and ", value.sizes());
    const double scale = 1.0 / std::sqrt(static_cast<double>(query.size(-1)));
    at::Tensor scores;
    const bool same_batch = query.dim() == key.dim() && query.dim() == value.dim() && query.dim() > 2 &&
        query.sizes().slice(0, query.dim() - 2) == key.sizes().slice(0, key.dim() - 2) &&
        query.sizes().slice(0, query.dim() - 2) == value.sizes().slice(0, value.dim() - 2);
    if (same_batch) {
        const auto q = query.reshape({-1, query.size(-2), query.size(-1)});
        const auto k = key.reshape({-1, key.size(-2), key.size(-1)});
        auto shape = query.sizes().vec();
        shape.back() = key.size(-2);
        // Not baddbmm with beta 0: for small products 1.13 multiplies beta with uninitialised memory, and nought times NaN is NaN.
        scores = at::bmm(q * scale, k.transpose(1, 2)).view(shape);
    } else {
        scores = at::matmul(query * scale, key.transpose(-2, -1));
    }
    if (causal) {
        TORCH_CHECK(!mask.has_value(), "scaled_dot_product_attention: is_causal and a mask exclude each other");
        const auto keep = at::ones({query.size(-2), key.size(-2)}, query.options().dtype(at::kBool)).tril();
        scores = scores.masked_fill(keep.logical_not(), -std::numeric_limits<double>::infinity());
    } else if (mask.has_value()) {
        scores = mask->scalar_type() == at::kBool
            ? scores.masked_fill(mask->logical_not(), -std::numeric_limits<double>::infinity())
            : scores + *mask;
    }
    auto weights = at::softmax(scores, -1);
    if (dropout > 0) weights = at::dropout(weights, dropout, /*train=*/true);
    if (!same_batch) return at::matmul(weights, value);
    auto shape = query.sizes().vec();
    shape.back() = value.size(-1);
    return at::bmm(weights.reshape({-1, weights.size(-2), weights.size(-1)}),
                   value.reshape({-1, value.size(-2), value.size(-1)}))
        .view(shape);
#endif
}

}  // namespace lab
