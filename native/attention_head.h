// The work on one head of attention, in plain C++ over memory: no libtorch. See attention_head.cpp.
#pragma once

#include <cstdint>

namespace lab {

// One head's matrix inside a larger tensor whose last dimension is dense.
template <typename T>
struct Matrix {
    T* data;
    int64_t row;
};

using Rows = Matrix<float>;
using HalfRows = Matrix<uint16_t>;  // bfloat16: the upper halves of 32-bit floats

struct Shape {
    int64_t tokens, keys, depth;    // N, M, d
    int64_t wide_keys, wide_depth;  // rounded up to whole vectors
    float scale;                    // 1/√d
};

Shape attention_shape(int64_t tokens, int64_t keys, int64_t depth);

// softmax(QKᵀ/√d)V + bias of one head; the bias is d numbers or null, and so may stand for one of the values. logs takes the logarithm of each row's sum, or is null. `space`: forward_floats or forward_half_floats numbers.
using Forward = void (*)(const Shape&, Rows q, Rows k, Rows v, const float* bias, Rows out, float* logs, float* space);
using ForwardHalf = void (*)(const Shape&, HalfRows q, HalfRows k, HalfRows v, const float* bias, HalfRows out, float* logs, float* space);
using Backward = void (*)(const Shape&, Rows q, Rows k, Rows v, Rows dout, const float* logs, Rows dq, Rows dk, Rows dv, float* space);
using BackwardHalf = void (*)(const Shape&, HalfRows q, HalfRows k, HalfRows v, HalfRows dout, const float* logs, HalfRows dq, HalfRows dk, HalfRows dv, float* space);

int64_t forward_floats(const Shape&);
int64_t forward_half_floats(const Shape&);
int64_t backward_floats(const Shape&);
int64_t backward_half_floats(const Shape&);

// This processor's.
struct HeadKernels {
    Forward forward;
    Backward backward;
    ForwardHalf forward_half;
    BackwardHalf backward_half;
};

extern const HeadKernels head_kernels;

// 16-bit numbers widened, and 32-bit ones rounded to the nearest.
void widen(const uint16_t* from, int64_t from_row, int64_t count, int64_t depth, float* to);
void narrow(const float* from, int64_t count, int64_t depth, uint16_t* to, int64_t to_row);

}  // namespace lab
