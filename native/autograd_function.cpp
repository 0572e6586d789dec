// Functions whose backward pass is managed code, as nodes of libtorch's graph. The forward pass has been computed when it
// comes here; what is left is to record it, which libtorch's own Function does: it makes a node where gradients are enabled
// and an input has one, keeps saved tensors with their versions, and frees them with the graph.

#include "interface.h"

#include <torch/csrc/autograd/custom_function.h>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

// Puts the inputs' gradients into `results`, tensors of their own, null where there is none. Takes `gradient` over. Returns
// null, or the handle of the exception that it ended with.
using Backward = void* (*)(void* handle, AutogradContext* context, at::Tensor* gradient, at::Tensor** results);

// The managed part of a node, which lives as long as that.
class ManagedNode final : public lab::Managed {
public:
    ManagedNode(void* handle, Release release, Backward backward, size_t inputs)
        : Managed(handle, release), backward_(backward), inputs_(inputs) {}

    variable_list backward(AutogradContext* context, at::Tensor gradient) const {
        std::vector<at::Tensor*> found(inputs_, nullptr);
        auto* given = gradient.defined() ? new at::Tensor(std::move(gradient)) : nullptr;
        void* const exception = backward_(handle(), context, given, found.data());
        variable_list results;
        results.reserve(inputs_ + 1);
        for (auto* tensor : found) {
            results.push_back(tensor == nullptr ? at::Tensor() : std::move(*tensor));
            delete tensor;
        }
        if (exception != nullptr) throw lab::ManagedException(c10::make_intrusive<lab::Managed>(exception, release()));
        return results;
    }

private:
    Backward backward_;
    size_t inputs_;
};

struct Call {
    c10::intrusive_ptr<ManagedNode> node;
    variable_list saved;
    at::Tensor output;
};

class ManagedFunction : public torch::autograd::Function<ManagedFunction> {
public:
    static at::Tensor forward(AutogradContext* context, at::TensorList, Call& call) {
        context->saved_data["node"] = c10::IValue::make_capsule(call.node);
        context->save_for_backward(std::move(call.saved));
        return call.output;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto node = context->saved_data["node"].toCapsule();
        auto results = static_cast<const ManagedNode&>(*node).backward(context, std::move(gradients[0]));
        // The call is an argument too, and has no gradient.
        results.emplace_back();
        return results;
    }
};

}  // namespace

// Records a function's forward pass. Takes `handle` over, whatever happens. The result is `output` itself where that became
// it, and another tensor where it was one of the inputs.
LAB_API at::Tensor* lab_function(at::Tensor* const* inputs, int64_t count, at::Tensor* const* saved, int64_t saved_count,
                                 at::Tensor* output, void* handle, Backward backward, lab::Managed::Release release) {
    Call call{c10::make_intrusive<ManagedNode>(handle, release, backward, static_cast<size_t>(count)), {}, *output};
    return lab::guarded(static_cast<at::Tensor*>(nullptr), [&] {
        const auto given = lab::vector_of(inputs, count);
        call.saved = lab::vector_of(saved, saved_count);
        auto result = ManagedFunction::apply(at::TensorList(given), call);
        bool own = result.is_same(*output);
        for (const auto& input : given) own = own && !input.is_same(*output);
        return own ? output : new at::Tensor(std::move(result));
    });
}

// The tensors that a forward pass saved, while its backward pass runs.
LAB_API int32_t lab_function_saved(const AutogradContext* context, at::Tensor** results, int64_t count) {
    return lab::guarded(-1, [&] {
        auto saved = context->get_saved_variables();
        TORCH_CHECK(static_cast<int64_t>(saved.size()) == count, "expected ", count, " saved tensors, found ", saved.size());
        for (int64_t i = 0; i < count; i++) results[i] = saved[i].defined() ? new at::Tensor(std::move(saved[i])) : nullptr;
        return 0;
    });
}
