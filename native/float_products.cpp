// OpenBLAS, which libtorch multiplies 32-bit floats with, is held to AVX2 in some environments, and knows no newer processors than
// itself; its AVX-512 kernels are a twentieth slower than oneDNN's. oneDNN's sgemm takes plain matrices, either way round, and keeps
// nothing. Its matmul is no faster with weights that are kept packed, a second copy of them, and slower with plain ones.

#include "float_products.h"

#ifndef LAB_ONEDNN

// oneDNN's headers are not there, or are not those of the oneDNN that libtorch has.
bool lab::multiplies_floats() { return false; }
bool lab::multiplies_floats(const at::Tensor&, const at::Tensor&) { return false; }
void lab::multiply_floats(const at::Tensor&, const at::Tensor&, at::Tensor&, float, float) {}

#else

#include <ATen/Parallel.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <atomic>

namespace {

// Of fewer multiply-adds, or of few rows or columns, the call is more than the product.
constexpr int64_t kSmallest = 1 << 20, kFew = 16;

// sgemm's threads wait for one another between blocks, for long where other processes want the cores as well. With so many rows
// each, a thread computes its rows by itself.
constexpr int64_t kRowsOfThread = 256, kRowBlock = 8;

// How a matrix lies in memory; `step` is 0 where it lies in no way that sgemm reads.
struct Layout {
    char transposed = 'N';
    int64_t step = 0;

    explicit Layout(const at::Tensor& x) {
        if (x.stride(1) == 1 && x.stride(0) >= x.size(1)) step = x.stride(0);
        else if (x.stride(0) == 1 && x.stride(1) >= x.size(0)) transposed = 'T', step = x.stride(1);
    }
};

}  // namespace

bool lab::multiplies_floats() {
    static const bool wide = [] {
        const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa()), needed = static_cast<unsigned>(dnnl::cpu_isa::avx512_core);
        return (isa & needed) == needed;
    }();
    return wide;
}

bool lab::multiplies_floats(const at::Tensor& a, const at::Tensor& b) {
    return multiplies_floats() && a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat && a.dim() == 2 && b.dim() == 2 &&
        a.size(1) == b.size(0) && std::min({a.size(0), a.size(1), b.size(1)}) >= kFew && a.numel() * b.size(1) >= kSmallest &&
        Layout(a).step != 0 && Layout(b).step != 0;
}

void lab::multiply_floats(const at::Tensor& a, const at::Tensor& b, at::Tensor& out, float alpha, float beta) {
    const Layout left(a), right(b);
    const int64_t rows = a.size(0), columns = b.size(1), depth = a.size(1);
    const float *x = a.data_ptr<float>(), *y = b.data_ptr<float>();
    float* sums = out.data_ptr<float>();
    std::atomic<bool> done{true};
    const auto multiply = [&](int64_t from, int64_t to) {
        if (dnnl::sgemm(left.transposed, right.transposed, to - from, columns, depth, alpha, x + from * (left.transposed == 'T' ? 1 : left.step),
                left.step, y, right.step, beta, sums + from * columns, columns) != dnnl::status::success)
            done = false;
    };
    // Asking tells OpenMP, in a thread that has computed nothing yet, how many threads it may have.
    if (rows < kRowsOfThread * at::get_num_threads()) {
        multiply(0, rows);
    } else {
        at::parallel_for(0, (rows + kRowBlock - 1) / kRowBlock, kRowsOfThread / kRowBlock, [&](int64_t from, int64_t to) {
            multiply(from * kRowBlock, std::min(to * kRowBlock, rows));
        });
    }
    TORCH_CHECK(done, "oneDNN multiplies no ", rows, " × ", depth, " by ", depth, " × ", columns, ".");
}

#endif
