// The video recogniser's forward pass, operator for operator as in lib/Backbone and lib/Stdha, written in C++.
// benchmarks/ runs it beside the C# one in the same process: the difference is what the binding costs.

#include "../compat.h"

#include <algorithm>
#include <string>
#include <vector>

namespace {

struct Group {
    int64_t heads, offset;
};

struct Model {
    std::vector<at::Tensor> weights;
    std::vector<Group> groups;
    int64_t layers, heads, patch;
    double eps;
    bool temporal;
};

at::Tensor attention(const Model& m, const at::Tensor* w, const at::Tensor& x, int64_t frames) {
    const int64_t images = x.size(0), tokens = x.size(1), width = x.size(2), depth = width / m.heads;
    const auto qkv = at::linear(x, w[0], w[1]).view({images, tokens, 3, m.heads, depth});
    int64_t first = 0;
    for (const auto& group : m.groups) {
        if (group.offset != 0) {
            const auto part = qkv.narrow(3, first, group.heads).narrow(2, 1, 2)
                .view({images / frames, frames, tokens, 2, group.heads, depth});
            for (int64_t i = 0; i < frames; i++) {
                const int64_t t = group.offset < 0 ? frames - 1 - i : i, source = t + group.offset;
                if (source >= 0 && source < frames) part.select(1, t).copy_(part.select(1, source));
            }
        }
        first += group.heads;
    }
    const auto parts = qkv.permute({2, 0, 3, 1, 4}).unbind(0);
    const auto joined = lab::attention(parts[0], parts[1], parts[2], {}, 0, false).transpose(1, 2);
    return at::linear(joined.reshape({images, tokens, width}), w[2], w[3]);
}

at::Tensor mlp(const at::Tensor* w, const at::Tensor& x) {
    const float slope = 1.702f;
    auto hidden = at::addmm(w[1].mul(slope), x.reshape({-1, x.size(2)}), w[0].t(), 1, slope);
    at::silu_(hidden);
    return at::addmm(w[3], hidden, w[2].t(), 1, 1 / slope).view(x.sizes());
}

at::Tensor forward(const Model& m, const at::Tensor& clips) {
    const at::Tensor* w = m.weights.data();
    const int64_t batch = clips.size(0), frames = clips.size(2), height = clips.size(3), width = w[0].size(0);
    const int64_t rows = height / m.patch, count = batch * frames;
    const auto norm = [&](const at::Tensor& x, const at::Tensor* p) { return at::layer_norm(x, {width}, p[0], p[1], m.eps); };

    const auto images = clips.permute({0, 2, 1, 3, 4}).reshape({count, 3, height, height});
    const auto classes = w[0].view({1, 1, width}).expand({count, 1, width});
    const auto cut = images.reshape({count, 3, rows, m.patch, rows, m.patch}).permute({0, 2, 4, 1, 3, 5})
        .reshape({count, rows * rows, 3 * m.patch * m.patch});
    auto x = at::cat({classes, at::linear(cut, w[2].view({width, -1}))}, 1).add(w[1]);
    w += 3;
    if (m.temporal) {
        x = x.view({batch, frames, -1, width}).add(w[0].unsqueeze(2)).view({count, -1, width});
        w += 1;
    }
    x = norm(x, w);
    w += 2;
    for (int64_t layer = 0; layer < m.layers; layer++, w += 12) {
        const auto middle = x.add(attention(m, w + 2, norm(x, w), frames));
        x = middle.add(mlp(w + 8, norm(middle, w + 6)));
    }
    const auto feature = norm(x.select(1, 0), w).view({batch, frames, width}).transpose(1, 2);
    return at::linear(feature.mean(at::IntArrayRef{2}), w[2], w[3]);
}

}  // namespace

#define BENCH_API extern "C" __attribute__((visibility("default")))

// Weights: class, positional, conv1, [temporal], ln_pre (2), for each layer ln_1 (2), in_proj (2), out_proj (2),
// ln_2 (2), c_fc (2), c_proj (2), then ln_post (2), fc_cls (2). Offsets: one for each head.
BENCH_API Model* bench_model(at::Tensor* const* weights, int64_t count, int64_t layers, int64_t heads, int64_t patch,
                             double eps, int32_t temporal, const int64_t* offsets) {
    auto* model = new Model{{}, {}, layers, heads, patch, eps, temporal != 0};
    for (int64_t i = 0; i < count; i++) model->weights.push_back(*weights[i]);
    for (int64_t i = 0; i < heads; i++) {
        if (!model->groups.empty() && model->groups.back().offset == offsets[i]) model->groups.back().heads++;
        else model->groups.push_back({1, offsets[i]});
    }
    return model;
}

BENCH_API void bench_model_free(Model* model) { delete model; }

// Runs once without gradients; returns the largest difference from `expected` (a C++ error ends the process).
BENCH_API double bench_run(const Model* model, const at::Tensor* clips, const at::Tensor* expected) {
    at::NoGradGuard no_grad;
    const auto logits = forward(*model, *clips);
    return expected == nullptr ? 0 : (logits - *expected).abs().max().item<double>();
}
