// Two functions of training on the CPU.
//
// libtorch 1.13 computes silu of 16-bit numbers, and its derivative, one number after another: 12 ms for a ViT-B/16's hidden layer
// where 2 do. And a libtorch without MKL draws dropout's random numbers one after another from one generator. Here the
// generator gives one number, and every place makes its own from that: any thread can, and the backward pass makes them
// again in place of keeping a mask. Results repeat bit for bit whatever the number of threads.

#include "pointwise.h"

#include "elementwise.h"
#include "vectors.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

namespace {

using lab::passes;

// body(x, second or null, y, first place, count) for stretches of whole vectors; the last few numbers in a vector of their own.
template <typename T, typename F>
void in_vectors(const at::Tensor& x, const at::Tensor& second, const at::Tensor& y, F&& body) {
    const auto* from = static_cast<const T*>(x.data_ptr());
    const auto* other = second.defined() ? static_cast<const T*>(second.data_ptr()) : nullptr;
    auto* to = static_cast<T*>(y.data_ptr());
    const int64_t count = x.numel(), whole = count / kWhole, rest = count % kWhole;
    at::parallel_for(0, whole, 2048, [&](int64_t begin, int64_t end) {
        const int64_t first = begin * kWhole;
        body(from + first, other == nullptr ? nullptr : other + first, to + first, first, (end - begin) * kWhole);
    });
    if (rest == 0) return;
    const int64_t first = whole * kWhole;
    T a[kWhole] = {}, b[kWhole] = {}, c[kWhole];
    std::memcpy(a, from + first, rest * sizeof(T));
    if (other != nullptr) std::memcpy(b, other + first, rest * sizeof(T));
    body(a, other == nullptr ? nullptr : b, c, first, kWhole);
    std::memcpy(to + first, c, rest * sizeof(T));
}

bool is_dense(const at::Tensor& x) { return x.is_cpu() && x.layout() == at::kStrided && x.is_contiguous(); }

void no_second_derivative(const char* function) {
    TORCH_CHECK(!at::GradMode::is_enabled(), function, " has no second derivative here; ask for first derivatives only");
}

class HalfSilu : public torch::autograd::Function<HalfSilu> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, at::Tensor x) {
        at::AutoDispatchBelowADInplaceOrView below;
        context->save_for_backward({x});
        return run(x, {});
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        no_second_derivative("silu");
        return {run(context->get_saved_variables()[0], gradients[0].contiguous())};
    }

private:
    static at::Tensor run(const at::Tensor& x, const at::Tensor& gradient) {
        at::Tensor y = at::empty_like(x);
        in_vectors<uint16_t>(x, gradient, y, [](const uint16_t* from, const uint16_t* g, uint16_t* to, int64_t, int64_t count) { passes<uint16_t>().silu(from, g, to, count); });
        return y;
    }
};

class Dropout : public torch::autograd::Function<Dropout> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, at::Tensor x, double p, int64_t seed) {
        at::AutoDispatchBelowADInplaceOrView below;
        context->saved_data["p"] = p;
        context->saved_data["seed"] = seed;
        return run(x, p, seed);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        no_second_derivative("dropout");
        return {run(gradients[0].contiguous(), context->saved_data["p"].toDouble(), context->saved_data["seed"].toInt()), at::Tensor(), at::Tensor()};
    }

private:
    static at::Tensor run(const at::Tensor& x, double p, int64_t seed) {
        return x.scalar_type() == at::kFloat ? run_in<float>(x, p, seed) : run_in<uint16_t>(x, p, seed);
    }

    template <typename T>
    static at::Tensor run_in(const at::Tensor& x, double p, int64_t seed) {
        const auto threshold = static_cast<uint32_t>(std::min(std::llround(p * 4294967296.0), 4294967295LL));
        const auto scale = static_cast<float>(1 / (1 - p));
        at::Tensor y = at::empty_like(x);
        in_vectors<T>(x, {}, y, [=](const T* from, const T*, T* to, int64_t first, int64_t count) {
            passes<T>().dropout(from, to, first, count, static_cast<uint64_t>(seed), threshold, scale);
        });
        return y;
    }
};

}  // namespace

namespace lab {

at::Tensor silu(const at::Tensor& x) {
    return is_dense(x) && x.scalar_type() == at::kBFloat16 ? HalfSilu::apply(x) : at::silu(x);
}

at::Tensor dropout(const at::Tensor& x, double p, bool train) {
    const bool own = train && p > 0 && p < 1 && is_dense(x) && !at::hasMKL() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
    if (!own) return at::dropout(x, p, train);
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    int64_t seed;
    {
        std::lock_guard<std::mutex> lock(generator.mutex());
        seed = static_cast<int64_t>(at::check_generator<at::CPUGeneratorImpl>(generator)->random64());
    }
    return Dropout::apply(x, p, seed);
}

}  // namespace lab
