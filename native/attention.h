// Attention of many small heads on the CPU, in one pass; see attention.cpp.
#pragma once

#include <ATen/ATen.h>

namespace lab {

// Whether fused_attention can take these: float32 or bfloat16 [B, h, N, d] and [B, h, M, d] on the CPU, up to 512 tokens.
bool can_fuse_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value);

// softmax(QKᵀ/√d)V, [B, h, N, d], with a first derivative.
at::Tensor fused_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value);

}  // namespace lab
