using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Every operator in use against answers worked out by hand or by System.Math.</summary>
public sealed class OperatorTests
{
    private static readonly double Nan = double.NaN;
    private static readonly double Infinity = double.PositiveInfinity;

    private static readonly Dictionary<string, (Func<Tensor> Run, long[] Shape, double[] Values)> Cases = new()
    {
        // Arithmetic
        ["add tensor"] = (() => V(1, 2).add(V(10, 20)), [2], [11, 22]),
        ["add tensor alpha"] = (() => V(1, 2).add(V(10, 20), 0.5), [2], [6, 12]),
        ["add scalar"] = (() => V(1, 2).add(3), [2], [4, 5]),
        ["add scalar alpha"] = (() => V(1, 2).add(3, 2), [2], [7, 8]),
        ["torch.add"] = (() => torch.add(V(1, 2), V(3, 4)), [2], [4, 6]),
        ["sub"] = (() => V(5, 7).sub(V(2, 3)), [2], [3, 4]),
        ["sub scalar"] = (() => V(5, 7).sub(2), [2], [3, 5]),
        ["mul"] = (() => V(5, 7).mul(V(2, 3)), [2], [10, 21]),
        ["mul broadcasts"] = (() => V(1, 2).reshape(2, 1).mul(V(3, 4, 5)), [2, 3], [3, 4, 5, 6, 8, 10]),
        ["div"] = (() => V(6, 9).div(V(2, 4)), [2], [3, 2.25]),
        ["div floor"] = (() => V(-7, 7).div(2, RoundingMode.floor), [2], [-4, 3]),
        ["div trunc"] = (() => V(-7, 7).div(2, RoundingMode.trunc), [2], [-3, 3]),
        ["remainder"] = (() => V(-7, 7).remainder(3), [2], [2, 1]),
        ["floor_divide"] = (() => V(-7, 7).floor_divide(V(2, 2)), [2], [-4, 3]),
        ["operator + scalar"] = (() => V(1, 2) + 1.5, [2], [2.5, 3.5]),
        ["operator scalar -"] = (() => 1 - V(1, 3), [2], [0, -2]),
        ["operator scalar /"] = (() => 6.0 / V(2, 3), [2], [3, 2]),
        ["operator * float"] = (() => V(1, 2) * 2f, [2], [2, 4]),
        ["operator unary -"] = (() => -V(1, -2), [2], [-1, 2]),
        ["operator %"] = (() => V(5, 7) % V(3, 4), [2], [2, 3]),
        ["pow scalar"] = (() => V(2, 3).pow(2), [2], [4, 9]),
        ["pow tensor"] = (() => V(2, 3).pow(V(3, 2)), [2], [8, 9]),
        ["neg"] = (() => V(1, -2).neg(), [2], [-1, 2]),
        ["abs"] = (() => V(-1.5, 2).abs(), [2], [1.5, 2]),
        ["sign"] = (() => V(-3, 0, 5).sign(), [3], [-1, 0, 1]),
        ["sqrt"] = (() => V(4, 9).sqrt(), [2], [2, 3]),
        ["rsqrt"] = (() => V(4, 16).rsqrt(), [2], [0.5, 0.25]),
        ["square"] = (() => V(-3, 4).square(), [2], [9, 16]),
        ["reciprocal"] = (() => V(2, 4).reciprocal(), [2], [0.5, 0.25]),
        ["exp"] = (() => V(0, 1).exp(), [2], [1, Math.E]),
        ["exp2"] = (() => V(0, 3).exp2(), [2], [1, 8]),
        ["expm1"] = (() => V(0, 1).expm1(), [2], [0, Math.E - 1]),
        ["log"] = (() => V(1, Math.E).log(), [2], [0, 1]),
        ["log2"] = (() => V(1, 8).log2(), [2], [0, 3]),
        ["log10"] = (() => V(1, 1000).log10(), [2], [0, 3]),
        ["log1p"] = (() => V(0, Math.E - 1).log1p(), [2], [0, 1]),
        ["sin"] = (() => V(0, 1).sin(), [2], [0, Math.Sin(1)]),
        ["cos"] = (() => V(0, 1).cos(), [2], [1, Math.Cos(1)]),
        ["tan"] = (() => V(0, 1).tan(), [2], [0, Math.Tan(1)]),
        ["tanh"] = (() => V(0, 1).tanh(), [2], [0, Math.Tanh(1)]),
        ["atan2"] = (() => V(1, -1).atan2(V(1, -1)), [2], [Math.PI / 4, -3 * Math.PI / 4]),
        ["sigmoid"] = (() => V(0, 2).sigmoid(), [2], [0.5, 1 / (1 + Math.Exp(-2))]),
        ["erf"] = (() => V(0, 1).erf(), [2], [0, 0.8427007929497149]),
        ["erfc"] = (() => V(0, 1).erfc(), [2], [1, 0.15729920705028513]),
        ["relu"] = (() => V(-1, 2).relu(), [2], [0, 2]),
        ["silu"] = (() => V(0, 2).silu(), [2], [0, 2 / (1 + Math.Exp(-2))]),
        ["gelu"] = (() => V(0, 1).gelu(), [2], [0, 0.5 * (1 + 0.6826894921370859)]),
        ["gelu tanh"] = (() => F.gelu(V(0, 1), global::TorchSharp.Modules.GELU.Approximate.tanh), [2], [0, 0.5 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * 1.044715))]),
        ["softplus"] = (() => F.softplus(V(0, 1)), [2], [Math.Log(2), Math.Log(1 + Math.E)]),
        ["floor"] = (() => V(-1.5, 1.5).floor(), [2], [-2, 1]),
        ["ceil"] = (() => V(-1.5, 1.5).ceil(), [2], [-1, 2]),
        ["trunc"] = (() => V(-1.5, 1.5).trunc(), [2], [-1, 1]),
        ["frac"] = (() => V(1.25, -1.25).frac(), [2], [0.25, -0.25]),
        ["round to even"] = (() => V(0.5, 1.5, 2.5).round(), [3], [0, 2, 2]),
        ["round decimals"] = (() => V(1.256, 2.344).round(2), [2], [1.26, 2.34]),
        ["clamp"] = (() => V(-2, 0.5, 2).clamp(-1, 1), [3], [-1, 0.5, 1]),
        ["clamp tensors"] = (() => V(-2, 5).clamp(V(0, 0), V(1, 2)), [2], [0, 2]),
        ["clamp_min"] = (() => V(-2, 5).clamp_min(0), [2], [0, 5]),
        ["clamp_max"] = (() => V(-2, 5).clamp_max(0), [2], [-2, 0]),
        ["minimum"] = (() => V(1, 5).minimum(V(3, 2)), [2], [1, 2]),
        ["maximum"] = (() => V(1, 5).maximum(V(3, 2)), [2], [3, 5]),
        ["lerp"] = (() => V(0, 10).lerp(V(10, 20), V(0.1, 0.5)), [2], [1, 15]),
        ["addcmul"] = (() => V(1, 1).addcmul(V(2, 3), V(4, 5), 0.5), [2], [5, 8.5]),
        ["addcdiv"] = (() => V(1, 1).addcdiv(V(2, 3), V(4, 6), 2), [2], [2, 2]),
        ["nan_to_num"] = (() => V(Nan, Infinity, 1).nan_to_num(7, 8), [3], [7, 8, 1]),
        ["softmax"] = (() => V(0, Math.Log(3)).softmax(0), [2], [0.25, 0.75]),
        ["log_softmax"] = (() => V(0, Math.Log(3)).log_softmax(-1), [2], [Math.Log(0.25), Math.Log(0.75)]),

        // In place
        ["add_"] = (() => V(1, 2).add_(V(1, 1)), [2], [2, 3]),
        ["add_ alpha"] = (() => V(1, 2).add_(V(1, 1), -2), [2], [-1, 0]),
        ["sub_"] = (() => V(1, 2).sub_(1), [2], [0, 1]),
        ["mul_"] = (() => V(1, 2).mul_(3), [2], [3, 6]),
        ["div_"] = (() => V(1, 2).div_(2), [2], [0.5, 1]),
        ["pow_"] = (() => V(2, 3).pow_(2), [2], [4, 9]),
        ["fill_"] = (() => V(1, 2).fill_(7), [2], [7, 7]),
        ["zero_"] = (() => V(1, 2).zero_(), [2], [0, 0]),
        ["copy_"] = (() => V(1, 2).copy_(V(3, 4)), [2], [3, 4]),
        ["clamp_"] = (() => V(-5, 5).clamp_(-1, 1), [2], [-1, 1]),
        ["lerp_"] = (() => V(0, 10).lerp_(V(10, 20), V(0.1, 0.5)), [2], [1, 15]),
        ["addcmul_"] = (() => V(1, 1).addcmul_(V(2, 3), V(4, 5), 0.5), [2], [5, 8.5]),
        ["addcdiv_"] = (() => V(1, 1).addcdiv_(V(2, 3), V(4, 6), 2), [2], [2, 2]),
        ["relu_"] = (() => V(-1, 2).relu_(), [2], [0, 2]),
        ["sigmoid_"] = (() => V(0, 0).sigmoid_(), [2], [0.5, 0.5]),
        ["sqrt_"] = (() => V(4, 9).sqrt_(), [2], [2, 3]),
        ["masked_fill_"] = (() => V(1, 2, 3).masked_fill_(V(1, 2, 3) > 1, 0), [3], [1, 0, 0]),

        // Products
        ["mm"] = (() => M(2, 2).mm(M(2, 2)), [2, 2], [2, 3, 6, 11]),
        ["matmul"] = (() => M(2, 3).matmul(M(3, 2)), [2, 2], [10, 13, 28, 40]),
        ["matmul batched"] = (() => M(2, 1, 2).matmul(M(2, 2, 1)), [2, 1, 1], [1, 13]),
        ["bmm"] = (() => M(2, 1, 2).bmm(M(2, 2, 1)), [2, 1, 1], [1, 13]),
        ["baddbmm"] = (() => M(2, 1, 1).baddbmm(M(2, 1, 2), M(2, 2, 1), beta: 10, alpha: 2), [2, 1, 1], [2, 36]),
        ["addmm"] = (() => torch.addmm(V(1, 1), M(2, 2), M(2, 2), 2, 0.5f), [2, 2], [3, 3.5, 5, 7.5]),
        ["mv"] = (() => M(2, 2).mv(V(1, 2)), [2], [2, 8]),
        ["dot"] = (() => V(1, 2).dot(V(3, 4)), [], [11]),
        ["outer"] = (() => V(1, 2).outer(V(3, 4)), [2, 2], [3, 4, 6, 8]),
        ["einsum"] = (() => torch.einsum("ij,kj->ik", M(2, 2), M(2, 2)), [2, 2], [1, 3, 3, 13]),

        // Comparison
        ["eq"] = (() => V(1, 2).eq(V(1, 3)), [2], [1, 0]),
        ["ne"] = (() => V(1, 2).ne(1), [2], [0, 1]),
        ["lt"] = (() => V(1, 2).lt(2), [2], [1, 0]),
        ["le"] = (() => V(1, 2).le(1), [2], [1, 0]),
        ["gt"] = (() => V(1, 2).gt(1), [2], [0, 1]),
        ["ge"] = (() => V(1, 2).ge(V(1, 3)), [2], [1, 0]),
        ["operators compare"] = (() => (V(1, 2) < 2) | (2.0 < V(1, 3)), [2], [1, 1]),
        ["operator =="] = (() => V(1, 2) == V(1, 3), [2], [1, 0]),
        ["operator &"] = (() => (V(1, 2) > 0) & (V(1, 2) > 1), [2], [0, 1]),
        ["operator ^"] = (() => (V(1, 2) > 0) ^ (V(1, 2) > 1), [2], [1, 0]),
        ["operator ~"] = (() => ~(V(1, 2) > 1), [2], [1, 0]),
        ["logical_and"] = (() => V(0, 2).logical_and(V(1, 1)), [2], [0, 1]),
        ["logical_or"] = (() => V(0, 0).logical_or(V(1, 0)), [2], [1, 0]),
        ["logical_xor"] = (() => V(1, 0).logical_xor(V(1, 1)), [2], [0, 1]),
        ["logical_not"] = (() => V(0, 3).logical_not(), [2], [1, 0]),
        ["isnan"] = (() => V(Nan, 1).isnan(), [2], [1, 0]),
        ["isinf"] = (() => V(Infinity, 1).isinf(), [2], [1, 0]),
        ["isfinite"] = (() => V(Nan, Infinity, 1).isfinite(), [3], [0, 0, 1]),
        ["isclose"] = (() => V(1, 2).isclose(V(1.0000001, 2.1)), [2], [1, 0]),
        ["where"] = (() => torch.where(V(1, -1) > 0, V(1, 1), V(2, 2)), [2], [1, 2]),
        ["masked_fill"] = (() => V(1, 2).masked_fill(V(1, 2) > 1, 9), [2], [1, 9]),
        ["masked_select"] = (() => V(1, 2, 3).masked_select(V(1, 2, 3) > 1), [2], [2, 3]),
        ["nonzero"] = (() => V(0, 5, 0, 7).nonzero(), [2, 1], [1, 3]),

        // Reduction
        ["sum"] = (() => M(2, 3).sum(), [], [15]),
        ["sum of dimension"] = (() => M(2, 3).sum(0L), [3], [3, 5, 7]),
        ["sum of dimensions"] = (() => M(2, 3).sum([0L, 1L], keepdim: true), [1, 1], [15]),
        ["mean"] = (() => M(2, 3).mean(), [], [2.5]),
        ["mean of dimension"] = (() => M(2, 3).mean([1], keepdim: true), [2, 1], [1, 4]),
        ["prod"] = (() => V(2, 3, 4).prod(), [], [24]),
        ["var unbiased"] = (() => V(1, 2, 3, 4).var(), [], [5.0 / 3]),
        ["var biased"] = (() => V(1, 2, 3, 4).var(unbiased: false), [], [1.25]),
        ["var of dimension"] = (() => M(2, 2).var(1, unbiased: false), [2], [0.25, 0.25]),
        ["std"] = (() => V(1, 2, 3, 4).std(), [], [Math.Sqrt(5.0 / 3)]),
        ["std of dimensions"] = (() => M(2, 2).std([0L, 1L], unbiased: false, keepdim: true), [1, 1], [Math.Sqrt(1.25)]),
        ["max"] = (() => M(2, 3).max(), [], [5]),
        ["max of dimension"] = (() => M(2, 3).max(1).values, [2], [2, 5]),
        ["max of dimension, where"] = (() => M(2, 3).max(1).indexes, [2], [2, 2]),
        ["min"] = (() => M(2, 3).min(), [], [0]),
        ["min of dimension"] = (() => M(2, 3).min(0).values, [3], [0, 1, 2]),
        ["argmax"] = (() => V(1, 9, 3).argmax(), [], [1]),
        ["argmax of dimension"] = (() => M(2, 3).argmax(1), [2], [2, 2]),
        ["argmin"] = (() => V(4, 9, 3).argmin(), [], [2]),
        ["argmin of dimension"] = (() => M(2, 3).argmin(0), [3], [0, 0, 0]),
        ["amax"] = (() => M(2, 3).amax(1), [2], [2, 5]),
        ["amin"] = (() => M(2, 3).amin([1L], keepdim: true), [2, 1], [0, 3]),
        ["all"] = (() => V(1, 0).to(@bool).all(), [], [0]),
        ["all of dimension"] = (() => M(2, 2).to(@bool).all(1), [2], [0, 1]),
        ["any"] = (() => V(1, 0).to(@bool).any(), [], [1]),
        ["any of dimension"] = (() => M(2, 2).to(@bool).any(0), [2], [1, 1]),
        ["norm"] = (() => V(3, 4).norm(), [], [5]),
        ["norm 1"] = (() => V(3, -4).norm(1f), [], [7]),
        ["norm of dimension"] = (() => V(3, 4, 6, 8).reshape(2, 2).norm(1), [2], [5, 10]),
        ["logsumexp"] = (() => V(0, 0).logsumexp(0), [], [Math.Log(2)]),
        ["cumsum"] = (() => V(1, 2, 3).cumsum(0), [3], [1, 3, 6]),
        ["cumprod"] = (() => V(1, 2, 3).cumprod(0), [3], [1, 2, 6]),
        ["median"] = (() => V(1, 9, 3).median(), [], [3]),
        ["quantile"] = (() => V(1, 2, 3, 4).quantile(V(0.5)), [1], [2.5]),
        ["topk"] = (() => V(3, 1, 2).topk(2).values, [2], [3, 2]),
        ["topk, where"] = (() => V(3, 1, 2).topk(2).indexes, [2], [0, 2]),
        ["sort"] = (() => V(3, 1, 2).sort(descending: true).Values, [3], [3, 2, 1]),
        ["sort, where"] = (() => torch.sort(V(3, 1, 2)).indices, [3], [1, 2, 0]),
        ["argsort"] = (() => V(3, 1, 2).argsort(), [3], [1, 2, 0]),
        ["bincount"] = (() => torch.bincount(V(0, 2, 2).to(int64), minlength: 4), [4], [1, 0, 2, 0]),
        ["count_nonzero"] = (() => V(0, 5, 7).count_nonzero(), [], [2]),

        // Shape
        ["reshape"] = (() => M(2, 3).reshape(3, 2), [3, 2], [0, 1, 2, 3, 4, 5]),
        ["view"] = (() => M(2, 3).view(-1), [6], [0, 1, 2, 3, 4, 5]),
        ["view_as"] = (() => M(2, 3).view_as(M(3, 2)), [3, 2], [0, 1, 2, 3, 4, 5]),
        ["flatten"] = (() => M(2, 1, 2).flatten(1), [2, 2], [0, 1, 2, 3]),
        ["unflatten"] = (() => M(2, 4).unflatten(1, 2, 2), [2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7]),
        ["permute"] = (() => M(1, 2, 3).permute(2, 0, 1), [3, 1, 2], [0, 3, 1, 4, 2, 5]),
        ["transpose"] = (() => M(2, 3).transpose(0, 1), [3, 2], [0, 3, 1, 4, 2, 5]),
        ["swapaxes"] = (() => M(2, 3).swapaxes(0, 1), [3, 2], [0, 3, 1, 4, 2, 5]),
        ["movedim"] = (() => M(1, 2, 3).movedim([2L], [0L]), [3, 1, 2], [0, 3, 1, 4, 2, 5]),
        ["t"] = (() => M(2, 3).t(), [3, 2], [0, 3, 1, 4, 2, 5]),
        ["T"] = (() => M(2, 2).T, [2, 2], [0, 2, 1, 3]),
        ["mT"] = (() => M(1, 2, 2).mT, [1, 2, 2], [0, 2, 1, 3]),
        ["squeeze"] = (() => M(1, 2, 1).squeeze(), [2], [0, 1]),
        ["squeeze dimension"] = (() => M(1, 2, 1).squeeze(0), [2, 1], [0, 1]),
        ["unsqueeze"] = (() => V(1, 2).unsqueeze(1), [2, 1], [1, 2]),
        ["expand"] = (() => V(1, 2).expand(2, -1), [2, 2], [1, 2, 1, 2]),
        ["expand_as"] = (() => V(1, 2).expand_as(M(2, 2)), [2, 2], [1, 2, 1, 2]),
        ["broadcast_to"] = (() => V(1, 2).broadcast_to(2, 2), [2, 2], [1, 2, 1, 2]),
        ["repeat"] = (() => V(1, 2).repeat(2, 2), [2, 4], [1, 2, 1, 2, 1, 2, 1, 2]),
        ["tile"] = (() => V(1, 2).tile([2L]), [4], [1, 2, 1, 2]),
        ["repeat_interleave"] = (() => V(1, 2).repeat_interleave(2), [4], [1, 1, 2, 2]),
        ["repeat_interleave tensor"] = (() => V(1, 2).repeat_interleave(V(1, 3).to(int64)), [4], [1, 2, 2, 2]),
        ["contiguous"] = (() => M(2, 2).t().contiguous(), [2, 2], [0, 2, 1, 3]),
        ["clone"] = (() => V(1, 2).clone(), [2], [1, 2]),
        ["detach"] = (() => V(1, 2).detach(), [2], [1, 2]),
        ["alias"] = (() => V(1, 2).alias(), [2], [1, 2]),
        ["flip"] = (() => M(2, 2).flip(0), [2, 2], [2, 3, 0, 1]),
        ["roll"] = (() => V(1, 2, 3).roll(1, 0), [3], [3, 1, 2]),
        ["roll dimensions"] = (() => M(2, 2).roll([1L, 1L], [0L, 1L]), [2, 2], [3, 2, 1, 0]),
        ["narrow"] = (() => V(1, 2, 3, 4).narrow(0, 1, 2), [2], [2, 3]),
        ["select"] = (() => M(2, 3).select(1, 2), [2], [2, 5]),
        ["slice"] = (() => V(0, 1, 2, 3, 4).slice(0, 1, 5, 2), [2], [1, 3]),
        ["as_strided"] = (() => V(0, 1, 2, 3).as_strided([2L, 2L], [1L, 2L]), [2, 2], [0, 2, 1, 3]),
        ["index_select"] = (() => M(2, 3).index_select(1, V(2, 0).to(int64)), [2, 2], [2, 0, 5, 3]),
        ["index_copy"] = (() => V(1, 2, 3).index_copy(0, V(2, 0).to(int64), V(30, 10)), [3], [10, 2, 30]),
        ["index_copy_"] = (() => V(1, 2, 3).index_copy_(0, V(1).to(int64), V(20)), [3], [1, 20, 3]),
        ["index_add"] = (() => V(1, 2).index_add(0, V(1, 1).to(int64), V(10, 20), 1), [2], [1, 32]),
        ["index_add_"] = (() => V(1, 2).index_add_(0, V(0).to(int64), V(10), 2), [2], [21, 2]),
        ["gather"] = (() => M(2, 3).gather(1, V(2, 0).to(int64).reshape(2, 1)), [2, 1], [2, 3]),
        ["scatter"] = (() => torch.zeros(3, dtype: float64).scatter(0, V(2, 0).to(int64), V(5, 6)), [3], [6, 0, 5]),
        ["scatter_"] = (() => torch.zeros(3, dtype: float64).scatter_(0, V(2).to(int64), V(5)), [3], [0, 0, 5]),
        ["scatter_add"] = (() => torch.ones(2, dtype: float64).scatter_add(0, V(1, 1).to(int64), V(2, 3)), [2], [1, 6]),
        ["scatter_add_"] = (() => torch.ones(2, dtype: float64).scatter_add_(0, V(0, 0).to(int64), V(2, 3)), [2], [6, 1]),
        ["slice_scatter"] = (() => V(0, 0, 0).slice_scatter(V(1, 2), 0, 1, 3), [3], [0, 1, 2]),
        ["select_scatter"] = (() => torch.select_scatter(M(2, 2), V(8, 9), 0, 1), [2, 2], [0, 1, 8, 9]),
        ["take_along_dim"] = (() => M(2, 2).take_along_dim(V(1, 0).to(int64).reshape(2, 1), 1), [2, 1], [1, 2]),
        ["chunk"] = (() => V(1, 2, 3, 4).chunk(2)[1], [2], [3, 4]),
        ["split by size"] = (() => V(1, 2, 3).split(2)[1], [1], [3]),
        ["split by sizes"] = (() => V(1, 2, 3).split([1L, 2L], dim: 0)[1], [2], [2, 3]),
        ["unbind"] = (() => M(2, 2).unbind(1)[1], [2], [1, 3]),
        ["tril"] = (() => M(2, 2).tril(), [2, 2], [0, 0, 2, 3]),
        ["triu"] = (() => M(2, 2).triu(1), [2, 2], [0, 1, 0, 0]),
        ["diagonal"] = (() => M(2, 2).diagonal(), [2], [0, 3]),
        ["cat"] = (() => torch.cat([V(1), V(2, 3)]), [3], [1, 2, 3]),
        ["concat"] = (() => torch.concat([M(2, 1), M(2, 1)], 1), [2, 2], [0, 0, 1, 1]),
        ["stack"] = (() => torch.stack([V(1, 2), V(3, 4)], 1), [2, 2], [1, 3, 2, 4]),
        ["hstack"] = (() => torch.hstack(V(1), V(2)), [2], [1, 2]),
        ["vstack"] = (() => torch.vstack([V(1, 2), V(3, 4)]), [2, 2], [1, 2, 3, 4]),
        ["meshgrid"] = (() => torch.meshgrid([V(1, 2), V(3, 4)], "ij")[0], [2, 2], [1, 1, 2, 2]),

        // Creation
        ["zeros"] = (() => torch.zeros(2, 1), [2, 1], [0, 0]),
        ["ones"] = (() => torch.ones([2]), [2], [1, 1]),
        ["full"] = (() => torch.full(2, 3.5), [2], [3.5, 3.5]),
        ["empty filled"] = (() => torch.empty(2, 2).fill_(1), [2, 2], [1, 1, 1, 1]),
        ["zeros_like"] = (() => torch.zeros_like(V(1, 2)), [2], [0, 0]),
        ["ones_like"] = (() => V(1, 2).ones_like(), [2], [1, 1]),
        ["full_like"] = (() => torch.full_like(V(1, 2), 4), [2], [4, 4]),
        ["empty_like filled"] = (() => torch.empty_like(V(1, 2)).fill_(3), [2], [3, 3]),
        ["new_zeros"] = (() => V(1).new_zeros([2L]), [2], [0, 0]),
        ["arange"] = (() => torch.arange(4), [4], [0, 1, 2, 3]),
        ["arange step"] = (() => torch.arange(1, 2, 0.25), [4], [1, 1.25, 1.5, 1.75]),
        ["linspace"] = (() => torch.linspace(0, 1, 3), [3], [0, 0.5, 1]),
        ["eye"] = (() => torch.eye(2), [2, 2], [1, 0, 0, 1]),
        ["eye of two sizes"] = (() => torch.eye(1, 2), [1, 2], [1, 0]),
        ["tensor of a matrix"] = (() => torch.tensor(new float[,] { { 1, 2 }, { 3, 4 } }), [2, 2], [1, 2, 3, 4]),
        ["tensor with dimensions"] = (() => torch.tensor(new[] { 1, 2, 3, 4 }, [2, 2]), [2, 2], [1, 2, 3, 4]),
        ["tensor rows and columns"] = (() => torch.tensor(new double[] { 1, 2 }, 1, 2), [1, 2], [1, 2]),
        ["tensor of a scalar"] = (() => torch.tensor(2.5), [], [2.5]),
        ["from_array"] = (() => torch.from_array(new short[,,] { { { 1 }, { 2 } } }), [1, 2, 1], [1, 2]),

        // Networks
        ["linear"] = (() => F.linear(V(1, 2), M(3, 2), V(10, 20, 30)), [3], [12, 28, 44]),
        ["linear without bias"] = (() => F.linear(M(1, 2), M(2, 2)), [1, 2], [1, 3]),
        ["layer_norm"] = (() => F.layer_norm(V(1, 3), [2], V(2, 2), V(5, 5), eps: 0), [2], [3, 7]),
        ["conv2d"] = (() => F.conv2d(M(1, 1, 3, 3), torch.ones([1, 1, 2, 2], float64), V(1)), [1, 1, 2, 2], [9, 13, 21, 25]),
        ["conv2d stride"] = (() => F.conv2d(M(1, 1, 4, 4), torch.ones([1, 1, 2, 2], float64), strides: [2, 2]), [1, 1, 2, 2], [10, 18, 42, 50]),
        ["conv2d padding"] = (() => F.conv2d(M(1, 1, 1, 1) + 2, torch.ones([1, 1, 3, 3], float64), padding: [1, 1]), [1, 1, 1, 1], [2]),
        ["conv2d groups"] = (() => F.conv2d(M(1, 2, 1, 1), V(3, 4).reshape(2, 1, 1, 1), groups: 2), [1, 2, 1, 1], [0, 4]),
        ["dropout not training"] = (() => F.dropout(V(1, 2), 0.5, training: false), [2], [1, 2]),
        ["dropout of everything"] = (() => F.dropout(V(1, 2), 1, training: true), [2], [0, 0]),
        ["cross_entropy"] = (() => F.cross_entropy(V(0, Math.Log(3)).reshape(1, 2), V(1).to(int64)), [], [-Math.Log(0.75)]),
        ["cross_entropy smoothed"] = (() => F.cross_entropy(V(0, Math.Log(3)).reshape(1, 2), V(1).to(int64), label_smoothing: 0.2), [], [-(0.9 * Math.Log(0.75) + 0.1 * Math.Log(0.25))]),
        ["cross_entropy of probabilities"] = (() => F.cross_entropy(V(0, Math.Log(3)).reshape(1, 2), V(0.5, 0.5).reshape(1, 2)), [], [-0.5 * (Math.Log(0.75) + Math.Log(0.25))]),
        ["cross_entropy summed, one ignored"] = (() => F.cross_entropy(torch.zeros(2, 4, dtype: float64), V(1, -100).to(int64), reduction: nn.Reduction.Sum), [], [Math.Log(4)]),
        ["nll_loss"] = (() => F.nll_loss(V(-1, -2).reshape(1, 2), V(1).to(int64)), [], [2]),
        ["binary_cross_entropy"] = (() => F.binary_cross_entropy(V(0.25), V(1)), [], [Math.Log(4)]),
        ["binary_cross_entropy_with_logits"] = (() => F.binary_cross_entropy_with_logits(V(0, 0), V(1, 0)), [], [Math.Log(2)]),
        ["mse_loss"] = (() => F.mse_loss(V(1, 2), V(1, 4)), [], [2]),
        ["mse_loss unreduced"] = (() => F.mse_loss(V(1, 2), V(1, 4), nn.Reduction.None), [2], [0, 4]),
        ["l1_loss"] = (() => F.l1_loss(V(1, 2), V(1, 4)), [], [1]),
        ["smooth_l1_loss"] = (() => F.smooth_l1_loss(V(0, 0), V(0.5, 2)), [], [(0.125 + 1.5) / 2]),
        ["one_hot"] = (() => F.one_hot(V(1, 0).to(int64), 3), [2, 3], [0, 1, 0, 1, 0, 0]),
        ["normalize"] = (() => F.normalize(V(3, 4).reshape(1, 2)), [1, 2], [0.6, 0.8]),
        ["cosine_similarity"] = (() => F.cosine_similarity(V(1, 0).reshape(1, 2), V(1, 1).reshape(1, 2)), [1], [Math.Sqrt(0.5)]),
        ["avg_pool2d"] = (() => F.avg_pool2d(M(1, 1, 2, 2), [2L, 2L]), [1, 1, 1, 1], [1.5]),
        ["adaptive_avg_pool2d"] = (() => F.adaptive_avg_pool2d(M(1, 1, 2, 2), [1L, 1L]), [1, 1, 1, 1], [1.5]),
        ["pad"] = (() => F.pad(V(1, 2), (1, 2), value: 7), [5], [7, 1, 2, 7, 7]),
        ["interpolate nearest"] = (() => F.interpolate(M(1, 1, 1, 2), size: [1, 4]), [1, 1, 1, 4], [0, 0, 1, 1]),
        ["interpolate bilinear"] = (() => F.interpolate(M(1, 1, 1, 2), size: [1, 4], mode: InterpolationMode.Bilinear, align_corners: false), [1, 1, 1, 4], [0, 0.25, 0.75, 1]),
        ["interpolate bicubic of a constant"] = (() => F.interpolate(torch.ones([1, 1, 3, 3], float64), size: [2, 2], mode: InterpolationMode.Bicubic, align_corners: false), [1, 1, 2, 2], [1, 1, 1, 1]),
        ["grouped attention of one key"] = (() => F.scaled_dot_product_attention(M(1, 1, 2, 2), M(1, 1, 1, 2), V(5, 6).reshape(1, 1, 1, 2)), [1, 1, 2, 2], [5, 6, 5, 6]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gives_the_known_answer(string name)
    {
        using var scope = NewDisposeScope();
        var (run, shape, values) = Cases[name];
        var result = run();
        Assert.Equal(shape, result.shape);
        var found = result.to(float64).contiguous().data<double>().ToArray();
        Assert.Equal(values.Length, found.Length);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(values[i], found[i], 1e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Attention_equals_its_definition(bool causal)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (q, k, v) = (randn(2, 3, 5, 4, float64), randn(2, 3, 5, 4, float64), randn(2, 3, 5, 6, float64));
        var scores = q.matmul(k.transpose(-2, -1)) / 2;
        if (causal)
            scores = scores.masked_fill(torch.ones(5, 5).tril().to(@bool).logical_not(), double.NegativeInfinity);
        var expected = scores.softmax(-1).matmul(v);
        // What freed memory holds must not come back: NaN in the blocks that the scores will get.
        for (var i = 0; i < 32; i++)
            torch.full([6, 5, 5], double.NaN, float64).Dispose();
        Assert.True(F.scaled_dot_product_attention(q, k, v, is_casual: causal).allclose(expected, 1e-10, 1e-12));
    }

    [Fact]
    public void Attention_adds_a_mask_and_keeps_where_a_mask_is_true()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var (q, k, v) = (randn(1, 2, 3, 4, float64), randn(1, 2, 3, 4, float64), randn(1, 2, 3, 4, float64));
        var keep = torch.tensor(new[,] { { true, false, true }, { true, true, true }, { false, false, true } });
        var added = torch.zeros(3, 3, float64).masked_fill(keep.logical_not(), double.NegativeInfinity);
        Assert.True(F.scaled_dot_product_attention(q, k, v, attn_mask: keep)
            .allclose(F.scaled_dot_product_attention(q, k, v, attn_mask: added), 1e-10, 1e-12));
    }

    [Fact]
    public void In_place_operators_return_the_very_object()
    {
        using var scope = NewDisposeScope();
        var x = V(1, 2);
        Assert.Same(x, x.add_(1));
        Assert.Same(x, x.mul_(x));
        Assert.Same(x, x.fill_(1));
        Assert.Same(x, x.detach_());
        Assert.Same(x, x.requires_grad_());
    }

    [Fact]
    public void Views_share_memory_and_copies_do_not()
    {
        using var scope = NewDisposeScope();
        var x = V(1, 2, 3, 4);
        x.view(2, 2)[0, 1] = torch.tensor(20.0);
        x.narrow(0, 2, 1).fill_(30);
        x.clone().fill_(0);
        Assert.Equal([1, 20, 30, 4], x.data<double>().ToArray());
    }

    [Fact]
    public void Strides_tell_a_transposed_view_from_its_contiguous_copy()
    {
        using var scope = NewDisposeScope();
        var x = M(2, 3).t();
        Assert.False(x.is_contiguous());
        Assert.Equal([1L, 3L], x.stride());
        Assert.True(x.contiguous().is_contiguous());
        Assert.Equal([2L, 1L], x.contiguous().stride());
        Assert.Equal([0, 3, 1, 4, 2, 5], x.data<double>().ToArray());
    }

    [Fact]
    public void Comparisons_of_whole_tensors()
    {
        using var scope = NewDisposeScope();
        Assert.True(V(1, 2).allclose(V(1, 2 + 1e-9)));
        Assert.False(V(1, 2).allclose(V(1, 2.1)));
        Assert.True(V(1, 2).equal(V(1, 2)).ToBoolean());
        Assert.False(V(1, 2).equal(V(1, 3)).ToBoolean());
    }

    private static Tensor V(params double[] values) => torch.tensor(values);

    /// <summary>0, 1, 2, … in a shape.</summary>
    private static Tensor M(params long[] shape) => torch.arange(shape.Aggregate(1L, (a, b) => a * b), dtype: float64).reshape(shape);
}
