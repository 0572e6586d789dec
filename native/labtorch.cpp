// The flat C interface between standins/TorchSharp and libtorch.
//
// Operators are not bound one by one: lab_op finds one in libtorch's dispatcher by its schema name, lab_call runs it
// with a list of tagged values, and the schema supplies the types and the defaults. So a new operator needs a line of
// C# and none of C++, and an argument that a newer libtorch added does not matter here.
//
// Every function that can fail returns a negative number or null and leaves libtorch's message for lab_error().

#include "interface.h"
#include "packed_weights.h"
#include "pointwise.h"

#include <cmath>
#include <cstring>
#include <dlfcn.h>
#include <map>

using lab::guarded;
using lab::vector_of;

namespace {

thread_local std::string last_error;
thread_local c10::intrusive_ptr<lab::Managed> last_exception;

enum Kind : int64_t {
    kNone, kTensor, kInt, kDouble, kBool, kInts, kTensors, kString, kDevice, kGenerator, kDoubles
};

// One argument or result. `bits` is the value itself, or the address of `length` of them.
struct Value {
    int64_t kind;
    int64_t bits;
    int64_t length;
};

double as_double(int64_t bits) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

int64_t as_bits(double value) {
    int64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

c10::Device as_device(int64_t bits) {
    return c10::Device(static_cast<c10::DeviceType>(bits & 0xff), static_cast<c10::DeviceIndex>((bits >> 8) - 1));
}

int64_t device_bits(c10::Device device) {
    return static_cast<int64_t>(device.type()) | ((static_cast<int64_t>(device.index()) + 1) << 8);
}

at::Tensor& as_tensor(int64_t bits) { return *reinterpret_cast<at::Tensor*>(bits); }

// What the schema wants at one place, seen through Optional and List.
struct Parameter {
    c10::TypeKind type;
    bool list;
    bool optional_elements;
};

struct Op {
    c10::OperatorHandle handle;
    std::vector<Parameter> parameters;
};

Parameter describe(c10::TypePtr type) {
    if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
    Parameter result{type->kind(), false, false};
    if (auto list = type->cast<c10::ListType>()) {
        auto element = list->getElementType();
        result.list = true;
        if (auto optional = element->cast<c10::OptionalType>()) {
            result.optional_elements = true;
            element = optional->getElementType();
        }
        result.type = element->kind();
    }
    return result;
}

// SymInt and int, Scalar and float take each other's values.
bool wants_float(c10::TypeKind kind) { return kind == c10::TypeKind::FloatType; }

c10::IValue single(const Value& value, const Parameter& parameter) {
    c10::IValue result;
    switch (value.kind) {
        case kNone: return result;
        case kTensor: result = as_tensor(value.bits); break;
        case kInt:
            if (wants_float(parameter.type)) result = static_cast<double>(value.bits);
            else if (parameter.type == c10::TypeKind::BoolType) result = value.bits != 0;
            else result = value.bits;
            break;
        case kDouble: result = as_double(value.bits); break;
        case kBool:
            if (parameter.type == c10::TypeKind::IntType) result = value.bits;
            else result = value.bits != 0;
            break;
        case kString: result = std::string(reinterpret_cast<const char*>(value.bits), value.length); break;
        case kDevice: result = as_device(value.bits); break;
        case kGenerator: result = *reinterpret_cast<at::Generator*>(value.bits); break;
        default: TORCH_CHECK(false, "value of kind ", value.kind, " given where one value is expected");
    }
    return result;
}

c10::IValue convert(const Value& value, const Parameter& parameter) {
    if (value.kind == kNone) return {};
    if (!parameter.list) return single(value, parameter);
    switch (value.kind) {
        case kInts: {
            const auto* items = reinterpret_cast<const int64_t*>(value.bits);
            if (wants_float(parameter.type)) return std::vector<double>(items, items + value.length);
            if (parameter.type == c10::TypeKind::BoolType) {
                c10::List<bool> flags;
                for (int64_t i = 0; i < value.length; i++) flags.push_back(items[i] != 0);
                return flags;
            }
            return c10::IntArrayRef(items, static_cast<size_t>(value.length));
        }
        case kDoubles: {
            const auto* items = reinterpret_cast<const double*>(value.bits);
            return std::vector<double>(items, items + value.length);
        }
        case kTensors: {
            auto* const* items = reinterpret_cast<at::Tensor* const*>(value.bits);
            if (parameter.optional_elements) {
                c10::impl::GenericList list(c10::OptionalType::create(c10::TensorType::get()));
                list.reserve(value.length);
                for (int64_t i = 0; i < value.length; i++)
                    list.push_back(items[i] == nullptr ? c10::IValue() : c10::IValue(*items[i]));
                return c10::IValue(std::move(list));
            }
            c10::List<at::Tensor> list;
            list.reserve(value.length);
            for (int64_t i = 0; i < value.length; i++) {
                TORCH_CHECK(items[i] != nullptr, "null in a list of tensors");
                list.push_back(*items[i]);
            }
            return list;
        }
        case kInt: return c10::IntArrayRef(&value.bits, 1);
        default: TORCH_CHECK(false, "value of kind ", value.kind, " given where a list is expected");
    }
}

// An undefined tensor (an absent gradient, say) comes back as none.
Value to_value(c10::IValue&& value) {
    if (value.isTensor()) {
        auto tensor = std::move(value).toTensor();
        if (!tensor.defined()) return {kNone, 0, 0};
        return {kTensor, reinterpret_cast<int64_t>(new at::Tensor(std::move(tensor))), 0};
    }
    if (value.isNone()) return {kNone, 0, 0};
    if (value.isInt()) return {kInt, value.toInt(), 0};
    if (value.isDouble()) return {kDouble, as_bits(value.toDouble()), 0};
    if (value.isBool()) return {kBool, value.toBool(), 0};
    if (value.isTensorList()) {
        auto list = std::move(value).toTensorVector();
        auto** items = new at::Tensor*[list.size()];
        for (size_t i = 0; i < list.size(); i++) items[i] = new at::Tensor(std::move(list[i]));
        return {kTensors, reinterpret_cast<int64_t>(items), static_cast<int64_t>(list.size())};
    }
    TORCH_CHECK(false, "operator returned a value that is not bound: ", value.tagKind());
}

}  // namespace

// ---- errors, versions ------------------------------------------------------------------------------------------

void lab::keep_error(std::string message, c10::intrusive_ptr<Managed> exception) {
    last_error = std::move(message);
    last_exception = std::move(exception);
}

LAB_API const char* lab_error() { return last_error.c_str(); }
// The managed exception that the last error was, or null. It stays until lab_forget_exception().
LAB_API void* lab_exception() { return last_exception ? last_exception->handle() : nullptr; }
LAB_API void lab_forget_exception() { last_exception.reset(); }
LAB_API const char* lab_version() { return TORCH_VERSION; }

// ---- operators -------------------------------------------------------------------------------------------------

LAB_API Op* lab_op(const char* name, const char* overload) {
    return guarded(static_cast<Op*>(nullptr), [&] {
        auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
        auto* op = new Op{handle, {}};
        for (const auto& argument : handle.schema().arguments()) op->parameters.push_back(describe(argument.type()));
        return op;
    });
}

// Runs an operator. Arguments left out take the schema's defaults. Returns the number of results. Without room for
// results (capacity 0) they are dropped, as for operators that change their first argument.
LAB_API int32_t lab_call(const Op* op, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
    return guarded(-1, [&] {
        const auto& schema = op->handle.schema();
        TORCH_CHECK(count <= static_cast<int32_t>(op->parameters.size()), schema.name(), " takes ",
                    op->parameters.size(), " arguments, ", count, " given");
        torch::jit::Stack stack;
        stack.reserve(op->parameters.size());
        for (int32_t i = 0; i < count; i++) stack.push_back(convert(arguments[i], op->parameters[i]));
        for (size_t i = count; i < op->parameters.size(); i++) {
            const auto& argument = schema.arguments()[i];
            TORCH_CHECK(argument.default_value().has_value(), schema.name(), " needs argument '", argument.name(), "'");
            stack.push_back(*argument.default_value());
        }
        op->handle.callBoxed(&stack);
        if (capacity == 0) return 0;
        TORCH_CHECK(static_cast<int32_t>(stack.size()) <= capacity, schema.name(), " returned ", stack.size(),
                    " values, room for ", capacity);
        int32_t made = 0;
        for (auto& value : stack) results[made++] = to_value(std::move(value));
        return made;
    });
}

LAB_API void lab_free_list(at::Tensor** items) { delete[] items; }

LAB_API at::Tensor* lab_attention(const at::Tensor* query, const at::Tensor* key, const at::Tensor* value,
                                  const at::Tensor* mask, double dropout, int32_t causal) {
    return guarded(static_cast<at::Tensor*>(nullptr), [&] {
        lab::Optional<at::Tensor> given;
        if (mask != nullptr) given = *mask;
        return new at::Tensor(lab::attention(*query, *key, *value, given, dropout, causal != 0));
    });
}

LAB_API at::Tensor* lab_silu(const at::Tensor* x) {
    return guarded(static_cast<at::Tensor*>(nullptr), [&] { return new at::Tensor(lab::silu(*x)); });
}
LAB_API at::Tensor* lab_dropout(const at::Tensor* x, double p, int32_t train) {
    return guarded(static_cast<at::Tensor*>(nullptr), [&] { return new at::Tensor(lab::dropout(*x, p, train != 0)); });
}

// ---- tensors ---------------------------------------------------------------------------------------------------

LAB_API void lab_free(at::Tensor* tensor) { delete tensor; }
LAB_API at::Tensor* lab_alias(const at::Tensor* tensor) { return new at::Tensor(*tensor); }
LAB_API int64_t lab_dim(const at::Tensor* tensor) { return tensor->dim(); }
LAB_API int64_t lab_numel(const at::Tensor* tensor) { return tensor->numel(); }
LAB_API int32_t lab_dtype(const at::Tensor* tensor) { return static_cast<int32_t>(tensor->scalar_type()); }
LAB_API int64_t lab_device(const at::Tensor* tensor) { return device_bits(tensor->device()); }
LAB_API int64_t lab_element_size(const at::Tensor* tensor) { return tensor->element_size(); }
LAB_API int64_t lab_storage_offset(const at::Tensor* tensor) { return tensor->storage_offset(); }
LAB_API void* lab_data(const at::Tensor* tensor) {
    lab::forget_packed(*tensor);
    return tensor->data_ptr();
}
// The same under the name that TorchSharp's own library has for it: for whom TorchSharp does not tell it.
LAB_API void* THSTensor_data(const at::Tensor* tensor) { return lab_data(tensor); }
LAB_API void lab_sizes(const at::Tensor* tensor, int64_t* out) {
    std::memcpy(out, tensor->sizes().data(), tensor->dim() * sizeof(int64_t));
}
LAB_API void lab_strides(const at::Tensor* tensor, int64_t* out) {
    std::memcpy(out, tensor->strides().data(), tensor->dim() * sizeof(int64_t));
}
LAB_API int32_t lab_is_contiguous(const at::Tensor* tensor) { return tensor->is_contiguous(); }
LAB_API int32_t lab_requires_grad(const at::Tensor* tensor) { return tensor->requires_grad(); }
LAB_API int32_t lab_is_leaf(const at::Tensor* tensor) { return tensor->is_leaf(); }
LAB_API int32_t lab_set_requires_grad(at::Tensor* tensor, int32_t value) {
    return guarded(-1, [&] { tensor->set_requires_grad(value != 0); return 0; });
}
LAB_API at::Tensor* lab_grad(const at::Tensor* tensor) {
    return guarded(static_cast<at::Tensor*>(nullptr), [&] {
        const auto& grad = tensor->grad();
        return grad.defined() ? new at::Tensor(grad) : nullptr;
    });
}
LAB_API int32_t lab_set_grad(at::Tensor* tensor, const at::Tensor* grad) {
    return guarded(-1, [&] { tensor->mutable_grad() = grad == nullptr ? at::Tensor() : *grad; return 0; });
}
LAB_API int32_t lab_retain_grad(at::Tensor* tensor) {
    return guarded(-1, [&] { tensor->retain_grad(); return 0; });
}
// A CPU tensor with its own copy of `data` (or uninitialised, when data is null).
LAB_API at::Tensor* lab_from_data(const void* data, const int64_t* sizes, int32_t dimensions, int32_t dtype) {
    return guarded(static_cast<at::Tensor*>(nullptr), [&] {
        auto tensor = at::empty(at::IntArrayRef(sizes, dimensions), static_cast<at::ScalarType>(dtype));
        if (data != nullptr && tensor.numel() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
        return new at::Tensor(std::move(tensor));
    });
}

// ---- autograd --------------------------------------------------------------------------------------------------

LAB_API int32_t lab_backward(at::Tensor* const* tensors, int64_t count, at::Tensor* const* grads, int64_t grad_count,
                             int32_t retain_graph, int32_t create_graph, at::Tensor* const* inputs, int64_t input_count) {
    return guarded(-1, [&] {
        torch::autograd::backward(vector_of(tensors, count), vector_of(grads, grad_count), retain_graph != 0,
                                  create_graph != 0, vector_of(inputs, input_count));
        return 0;
    });
}

LAB_API int32_t lab_autograd_grad(at::Tensor* const* outputs, int64_t output_count, at::Tensor* const* inputs,
                                  int64_t input_count, at::Tensor* const* grads, int64_t grad_count,
                                  int32_t retain_graph, int32_t create_graph, int32_t allow_unused, at::Tensor** results) {
    return guarded(-1, [&] {
        auto found = torch::autograd::grad(vector_of(outputs, output_count), vector_of(inputs, input_count),
                                           vector_of(grads, grad_count), retain_graph != 0, create_graph != 0,
                                           allow_unused != 0);
        for (size_t i = 0; i < found.size(); i++)
            results[i] = found[i].defined() ? new at::Tensor(std::move(found[i])) : nullptr;
        return 0;
    });
}

LAB_API int32_t lab_grad_enabled() { return at::GradMode::is_enabled(); }
LAB_API void lab_set_grad_enabled(int32_t enabled) { at::GradMode::set_enabled(enabled != 0); }
LAB_API int32_t lab_inference_enabled() { return c10::InferenceMode::is_enabled(); }
LAB_API c10::InferenceMode* lab_inference_enter(int32_t enabled) { return new c10::InferenceMode(enabled != 0); }
LAB_API void lab_inference_exit(c10::InferenceMode* mode) { delete mode; }
LAB_API void lab_set_anomaly(int32_t enabled, int32_t check_nan) {
    torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0);
}
LAB_API int32_t lab_anomaly_enabled() { return torch::autograd::AnomalyMode::is_enabled(); }
LAB_API int32_t lab_anomaly_checks_nan() { return torch::autograd::AnomalyMode::should_check_nan(); }

// ---- random numbers --------------------------------------------------------------------------------------------

LAB_API at::Generator* lab_generator(int64_t device, int64_t seed) {
    return guarded(static_cast<at::Generator*>(nullptr), [&] {
        const auto where = as_device(device);
        auto generator = where.is_cpu()
            ? at::globalContext().defaultGenerator(at::kCPU).clone()
            : at::globalContext().defaultGenerator(where).clone();
        generator.set_current_seed(static_cast<uint64_t>(seed));
        return new at::Generator(std::move(generator));
    });
}
LAB_API at::Generator* lab_default_generator(int64_t device) {
    return guarded(static_cast<at::Generator*>(nullptr),
                   [&] { return new at::Generator(at::globalContext().defaultGenerator(as_device(device))); });
}
LAB_API void lab_generator_free(at::Generator* generator) { delete generator; }
LAB_API int32_t lab_generator_seed(at::Generator* generator, int64_t seed) {
    return guarded(-1, [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_current_seed(static_cast<uint64_t>(seed));
        return 0;
    });
}
LAB_API int64_t lab_generator_initial_seed(at::Generator* generator) {
    std::lock_guard<std::mutex> lock(generator->mutex());
    return static_cast<int64_t>(generator->current_seed());
}
LAB_API int64_t lab_generator_reseed(at::Generator* generator) {
    std::lock_guard<std::mutex> lock(generator->mutex());
    return static_cast<int64_t>(generator->seed());
}
LAB_API at::Tensor* lab_generator_state(at::Generator* generator) {
    return guarded(static_cast<at::Tensor*>(nullptr), [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        return new at::Tensor(generator->get_state());
    });
}
LAB_API int32_t lab_generator_set_state(at::Generator* generator, const at::Tensor* state) {
    return guarded(-1, [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_state(*state);
        return 0;
    });
}
LAB_API int32_t lab_manual_seed(int64_t seed) {
    return guarded(-1, [&] { at::manual_seed(static_cast<uint64_t>(seed)); return 0; });
}

// ---- devices, threads ------------------------------------------------------------------------------------------

LAB_API int32_t lab_cuda_available() { return guarded(0, [] { return static_cast<int32_t>(torch::cuda::is_available()); }); }
LAB_API int32_t lab_cudnn_available() { return guarded(0, [] { return static_cast<int32_t>(torch::cuda::cudnn_is_available()); }); }
LAB_API int32_t lab_cuda_count() { return guarded(0, [] { return static_cast<int32_t>(torch::cuda::device_count()); }); }
LAB_API int32_t lab_cuda_synchronize(int64_t index) {
    return guarded(-1, [&] { torch::cuda::synchronize(index); return 0; });
}
LAB_API int32_t lab_cuda_seed_all(int64_t seed) {
    return guarded(-1, [&] { torch::cuda::manual_seed_all(static_cast<uint64_t>(seed)); return 0; });
}
LAB_API int32_t lab_threads() { return at::get_num_threads(); }
LAB_API void lab_set_threads(int32_t count) {
    at::set_num_threads(count);
    // OpenBLAS built with threads of its own, Debian's, hears nothing of that: one thread asked for would still be as many
    // as there are cores in every product, and processes that share the cores would wait for each other's.
    using SetThreads = void (*)(int);
    static const auto set_blas_threads = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
    if (set_blas_threads)
        set_blas_threads(count);
}
LAB_API int32_t lab_interop_threads() { return at::get_num_interop_threads(); }
LAB_API int32_t lab_set_interop_threads(int32_t count) {
    return guarded(-1, [&] { at::set_num_interop_threads(count); return 0; });
}

// ---- optimisers ------------------------------------------------------------------------------------------------

namespace {

// Parameters of one device and type, whose steps are a dozen calls for all of them: a GPU is given thousands of small tasks otherwise.
struct AdamWTogether {
    std::vector<at::Tensor> parameters, grads, averages, squares;
    // The second moment's correction, and how far a step goes.
    std::vector<at::Scalar> corrections, sizes;

    void step(double rate, double beta1, double beta2, double eps, double decay) {
        if (decay != 0) at::_foreach_mul_(parameters, at::Scalar(1 - rate * decay));
        at::_foreach_mul_(averages, at::Scalar(beta1));
        at::_foreach_add_(averages, grads, at::Scalar(1 - beta1));
        at::_foreach_mul_(squares, at::Scalar(beta2));
        at::_foreach_addcmul_(squares, grads, grads, at::Scalar(1 - beta2));
        auto denominators = at::_foreach_sqrt(squares);
        at::_foreach_div_(denominators, corrections);
        at::_foreach_add_(denominators, at::Scalar(eps));
        at::_foreach_addcdiv_(parameters, averages, denominators, sizes);
    }
};

}  // namespace

// One AdamW step of all parameters that have a gradient; counts their steps. Plain float tensors on the CPU take a
// single pass over memory, others tensor operations in the order of PyTorch's AdamW, on a GPU for many tensors at once.
LAB_API int32_t lab_adamw(at::Tensor* const* parameters, at::Tensor* const* averages, at::Tensor* const* squares,
                          at::Tensor* const* maxima, int64_t* steps, int64_t count, double rate, double beta1,
                          double beta2, double eps, double decay, int32_t maximize) {
    return guarded(-1, [&] {
        at::NoGradGuard no_grad;
        std::map<std::pair<int64_t, at::ScalarType>, AdamWTogether> on_gpu;
        for (int64_t i = 0; i < count; i++) {
            auto& parameter = *parameters[i];
            at::Tensor grad = parameter.grad();
            if (!grad.defined()) continue;
            steps[i]++;
            if (maximize != 0) grad = grad.neg();
            auto& average = *averages[i];
            auto& square = *squares[i];
            const double correction1 = 1 - std::pow(beta1, static_cast<double>(steps[i]));
            const double correction2 = std::sqrt(1 - std::pow(beta2, static_cast<double>(steps[i])));
            if (maxima == nullptr && parameter.is_cuda() && !grad.is_sparse()) {
                auto& together = on_gpu[{parameter.get_device(), parameter.scalar_type()}];
                together.parameters.push_back(parameter);
                together.grads.push_back(grad);
                together.averages.push_back(average);
                together.squares.push_back(square);
                together.corrections.emplace_back(correction2);
                together.sizes.emplace_back(-rate / correction1);
                continue;
            }
            const bool plain = maxima == nullptr && parameter.is_cpu() && parameter.scalar_type() == at::kFloat &&
                grad.scalar_type() == at::kFloat && !grad.is_sparse() && parameter.is_contiguous() &&
                grad.is_contiguous() && average.is_contiguous() && square.is_contiguous();
            if (plain) {
                float* p = parameter.data_ptr<float>();
                const float* g = grad.data_ptr<float>();
                float* m = average.data_ptr<float>();
                float* v = square.data_ptr<float>();
                const float keep = static_cast<float>(1 - rate * decay);
                const float b1 = static_cast<float>(beta1), one_b1 = static_cast<float>(1 - beta1);
                const float b2 = static_cast<float>(beta2), one_b2 = static_cast<float>(1 - beta2);
                const float step = static_cast<float>(rate / correction1);
                const float root = static_cast<float>(1 / correction2), tiny = static_cast<float>(eps);
                at::parallel_for(0, parameter.numel(), 32768, [=](int64_t begin, int64_t end) {
                    for (int64_t k = begin; k < end; k++) {
                        m[k] = b1 * m[k] + one_b1 * g[k];
                        v[k] = b2 * v[k] + one_b2 * g[k] * g[k];
                        p[k] = p[k] * keep - step * m[k] / (std::sqrt(v[k]) * root + tiny);
                    }
                });
                // Written behind autograd's back: say so, or a stale graph would pass its version check.
                parameter.unsafeGetTensorImpl()->bump_version();
                average.unsafeGetTensorImpl()->bump_version();
                square.unsafeGetTensorImpl()->bump_version();
                continue;
            }
            if (decay != 0) parameter.mul_(1 - rate * decay);
            average.mul_(beta1).add_(grad, 1 - beta1);
            square.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
            at::Tensor denominator;
            if (maxima != nullptr) {
                at::maximum_out(*maxima[i], *maxima[i], square);
                denominator = (maxima[i]->sqrt() / correction2).add_(eps);
            } else {
                denominator = (square.sqrt() / correction2).add_(eps);
            }
            parameter.addcdiv_(average, denominator, -rate / correction1);
        }
        for (auto& together : on_gpu) together.second.step(rate, beta1, beta2, eps, decay);
        return 0;
    });
}

LAB_API int32_t lab_zero_grads(at::Tensor* const* parameters, int64_t count) {
    return guarded(-1, [&] {
        at::NoGradGuard no_grad;
        std::map<int64_t, std::vector<at::Tensor>> on_gpu;
        for (int64_t i = 0; i < count; i++) {
            auto& grad = parameters[i]->mutable_grad();
            if (!grad.defined()) continue;
            if (grad.is_cuda() && !grad.is_sparse()) on_gpu[grad.get_device()].push_back(grad);
            else grad.zero_();
        }
        for (const auto& grads : on_gpu) at::_foreach_zero_(grads.second);
        return 0;
    });
}
