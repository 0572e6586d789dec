// Products of matrices on the CPU.
//
// Of 16-bit numbers, oneDNN (2.7, 3.7) cuts the rows into blocks of one size that divides their number. Where it has no good
// divisor, as the 8224 rows of 32 frames of ViT-L/14 (32 · 257), the blocks are small: 670 GFLOP/s where 920 would be had. So
// many rows are computed in two products, one of whole blocks and one of the rest. Weights that stay as they are are multiplied
// packed.
//
// Of 32-bit floats, oneDNN multiplies what libtorch would give to its BLAS.

#include "compat.h"
#include "float_products.h"
#include "packed_weights.h"

#include <ATen/ExpandUtils.h>
#include <c10/util/Exception.h>
#include <torch/library.h>

namespace {

// A product of one or two rows is computed in another way, with larger errors.
constexpr int64_t kBlock = 256, kFew = 16, kMany = 2048;

void multiply(const at::Tensor& a, const at::Tensor& b, at::Tensor out) {
    if (!lab::multiply_packed(a, b, out)) at::mm_out(out, a, b);
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
    at::Tensor out = at::empty({0}, a.options());
    if (lab::multiplies_floats(a, b)) {
        out.resize_({a.size(0), b.size(1)});
        lab::multiply_floats(a, b, out);
        return out;
    }
    if (a.scalar_type() != at::kBFloat16 || a.dim() != 2 || b.dim() != 2) return at::mm_out(out, a, b);
    out.resize_({a.size(0), b.size(1)});
    if (a.size(0) <= kMany || a.size(0) % kBlock < kFew) {
        multiply(a, b, out);
        return out;
    }
    const int64_t whole = a.size(0) / kBlock * kBlock, rest = a.size(0) - whole;
    multiply(a.narrow(0, 0, whole), b, out.narrow(0, 0, whole));
    multiply(a.narrow(0, whole, rest), b, out.narrow(0, whole, rest));
    return out;
}

// beta·added + alpha·a·b. As libtorch does it for its BLAS: the sum begins with what is added.
at::Tensor sum(const at::Tensor& added, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta, const at::Scalar& alpha) {
    at::Tensor out = at::empty({0}, a.options());
    if (!lab::multiplies_floats(a, b) || added.scalar_type() != at::kFloat || !beta.equal(1) || !at::is_expandable_to(added.sizes(), {a.size(0), b.size(1)}))
        return at::addmm_out(out, added, a, b, beta, alpha);
    out.resize_({a.size(0), b.size(1)}).copy_(added);
    lab::multiply_floats(a, b, out, alpha.to<float>(), 1);
    return out;
}

// libtorch warns of every kernel that another takes the place of.
class Silent final : public c10::WarningHandler {
#if LAB_TORCH_AT_LEAST(2, 0)
    void process(const c10::Warning&) override {}
#else
    void process(const c10::SourceLocation&, const std::string&, bool) override {}
#endif
};

#if LAB_TORCH_AT_LEAST(2, 0)
using c10::WarningUtils::WarningHandlerGuard;
#else
using c10::Warning::WarningHandlerGuard;
#endif

__attribute__((constructor)) void take_products() {
    Silent handler;
    WarningHandlerGuard quiet(&handler);
    static torch::Library library(torch::Library::IMPL, "aten", c10::DispatchKey::CPU, __FILE__, __LINE__);
    library.impl("mm", product);
    if (lab::multiplies_floats()) library.impl("addmm", sum);
}

}  // namespace
