using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Registration, state dictionaries, hooks, modes and types of modules.</summary>
public sealed class ModuleTests
{
    private sealed class Branch : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first;
        [ComponentName(Name = "second.renamed_not")]
        private readonly int unrelated;
        private readonly ModuleList<Linear> stack;
        private readonly Parameter scale;
        private readonly Tensor mean;

        public Branch() : base(nameof(Branch))
        {
            first = nn.Linear(3, 3);
            stack = nn.ModuleList(nn.Linear(3, 3), nn.Linear(3, 2, hasBias: false));
            scale = new Parameter(torch.ones(3));
            mean = torch.zeros(3);
            unrelated = stack.Count;
            RegisterComponents();
        }

        public int Unrelated => unrelated;

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = first.call((input - mean) * scale);
            foreach (var layer in stack)
                x = layer.call(x);
            return x.MoveToOuterDisposeScope();
        }
    }

    private sealed class Renamed : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "class_embedding")]
        private readonly Parameter token;
        [ComponentName(Name = "ln_post")]
        private readonly LayerNorm norm;

        public Renamed() : base(nameof(Renamed))
        {
            token = new Parameter(torch.ones(2));
            norm = nn.LayerNorm(2);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => norm.call(input + token);
    }

    [Fact]
    public void Fields_are_registered_under_their_names()
    {
        using var module = new Branch();
        Assert.Equal(2, module.Unrelated);
        Assert.Equal(
            ["first.bias", "first.weight", "mean", "scale", "stack.0.bias", "stack.0.weight", "stack.1.weight"],
            module.state_dict().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(6, module.parameters().Count());
        Assert.Equal(["mean"], module.named_buffers().Select(item => item.name));
        Assert.Equal(["first", "stack"], module.named_children().Select(item => item.name));
        Assert.Equal(["first", "stack", "stack.0", "stack.1"], module.named_modules().Select(item => item.name));
        Assert.True(module.has_parameter("stack.1.weight"));
        Assert.False(module.has_parameter("stack.1.bias"));
        Assert.NotNull(module.get_parameter("first.bias"));
        Assert.NotNull(module.get_buffer("mean"));
    }

    [Fact]
    public void A_component_name_replaces_the_fields()
    {
        using var module = new Renamed();
        Assert.Equal(["class_embedding", "ln_post.bias", "ln_post.weight"], module.state_dict().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_state_dictionary_goes_to_another_module()
    {
        using var scope = NewDisposeScope();
        using var from = new Branch();
        using var to = new Branch();
        var x = torch.randn(4, 3);
        Assert.False(from.call(x).allclose(to.call(x)));
        var (missing, unexpected) = to.load_state_dict(from.state_dict());
        Assert.Empty(missing);
        Assert.Empty(unexpected);
        Assert.True(from.call(x).allclose(to.call(x)));
        Assert.NotSame(from.get_parameter("scale"), to.get_parameter("scale"));
    }

    [Fact]
    public void Missing_and_unexpected_keys_are_refused_or_told()
    {
        using var scope = NewDisposeScope();
        using var module = new Branch();
        var state = new Dictionary<string, Tensor>(module.state_dict());
        state.Remove("scale");
        state["extra"] = torch.ones(1);
        Assert.Throws<InvalidOperationException>(() => module.load_state_dict(state));
        var (missing, unexpected) = module.load_state_dict(state, strict: false);
        Assert.Equal(["scale"], missing);
        Assert.Equal(["extra"], unexpected);
    }

    [Fact]
    public void Names_are_taken_once()
    {
        using var module = new Branch();
        Assert.Throws<InvalidOperationException>(() => module.register_module("first", nn.Identity()));
        Assert.Throws<ArgumentException>(() => module.register_module("a.b", nn.Identity()));
        Assert.Throws<InvalidOperationException>(() => module.register_parameter("scale", new Parameter(torch.ones(1))));
        Assert.Throws<InvalidOperationException>(() => module.register_buffer("mean", torch.ones(1)));
        module.register_buffer("count", torch.ones(1));
        Assert.Contains("count", module.state_dict().Keys);
    }

    [Fact]
    public void Hooks_see_and_change_calls_until_they_are_removed()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(2, 2);
        var x = torch.ones(1, 2);
        var plain = layer.call(x);
        var seen = 0;
        var before = layer.register_forward_pre_hook((_, input) => input * 2);
        var after = layer.register_forward_hook((_, _, output) =>
        {
            seen++;
            return output + 1;
        });
        Assert.True(layer.call(x).allclose(layer.forward(x * 2) + 1));
        Assert.True(layer.forward(x).allclose(plain));
        before.remove();
        after.remove();
        Assert.True(layer.call(x).allclose(plain));
        Assert.Equal(1, seen);
    }

    [Fact]
    public void Training_mode_reaches_every_child()
    {
        using var module = nn.Sequential(("a", nn.Dropout(0.5)), ("b", nn.Sequential(nn.Dropout(0.5))));
        Assert.True(module.training);
        module.eval();
        Assert.All(module.modules(), child => Assert.False(child.training));
        using var x = torch.ones(100);
        using var y = module.call(x);
        Assert.True(x.allclose(y));
        module.train();
        Assert.All(module.modules(), child => Assert.True(child.training));
        var visited = 0;
        module.apply(_ => visited++);
        Assert.Equal(4, visited);
    }

    [Fact]
    public void Parameters_change_type_where_they_stand()
    {
        using var scope = NewDisposeScope();
        using var module = new Branch();
        module.get_parameter("scale")!.requires_grad = false;
        module.to(float64);
        Assert.All(module.state_dict().Values, tensor => Assert.Equal(ScalarType.Float64, tensor.dtype));
        Assert.False(module.get_parameter("scale")!.requires_grad);
        Assert.True(module.get_parameter("first.weight")!.requires_grad);
        Assert.Equal(ScalarType.Float64, module.call(torch.ones(1, 3, float64)).dtype);
    }

    [Fact]
    public void A_sequential_calls_one_after_another()
    {
        using var scope = NewDisposeScope();
        using var a = nn.Linear(2, 3);
        using var b = nn.ReLU();
        using var both = nn.Sequential(("a", a), ("b", b));
        var x = torch.randn(4, 2);
        Assert.True(both.call(x).allclose(b.call(a.call(x))));
        Assert.Equal(["a.weight", "a.bias"], both.named_parameters().Select(item => item.name));
        Assert.Equal(["0.weight", "0.bias"], nn.Sequential(nn.LayerNorm(2)).named_parameters().Select(item => item.name));
        Assert.Equal(2, both.Count);
    }

    [Fact]
    public void A_dictionary_of_modules_registers_its_keys()
    {
        using var heads = nn.ModuleDict(("object", nn.Linear(2, 3)), ("place", nn.Linear(2, 4)));
        using var module = new Holder(heads);
        Assert.Equal(["heads.object.bias", "heads.object.weight", "heads.place.bias", "heads.place.weight"],
            module.state_dict().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(4, heads["place"].out_features);
    }

    private sealed class Holder : nn.Module<Tensor, Tensor>
    {
        private readonly ModuleDict<Linear> heads;

        public Holder(ModuleDict<Linear> heads) : base(nameof(Holder))
        {
            this.heads = heads;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => heads["object"].call(input);
    }

    [Fact]
    public void Layers_compute_what_their_functions_compute()
    {
        using var scope = NewDisposeScope();
        var x = torch.randn(2, 3, 4, 4);
        var conv = nn.Conv2d(3, 6, 2, stride: 2, bias: false);
        Assert.Equal([6L, 3L, 2L, 2L], conv.weight!.shape);
        Assert.Null(conv.bias);
        Assert.True(conv.call(x).allclose(nn.functional.conv2d(x, conv.weight, strides: [2, 2])));
        var padded = nn.Conv2d(3, 6, (3, 1), padding: (1, 0));
        Assert.Equal([2L, 6L, 4L, 4L], padded.call(x).shape);
        var norm = nn.LayerNorm(4, eps: 1e-3);
        Assert.True(norm.call(x).allclose(nn.functional.layer_norm(x, [4], norm.weight, norm.bias, 1e-3)));
        Assert.True(nn.GELU().call(x).allclose(x.gelu()));
        Assert.True(nn.SiLU().call(x).allclose(x.silu()));
        Assert.True(nn.ReLU().call(x).allclose(x.relu()));
        Assert.True(nn.Identity().call(x).allclose(x));
        Assert.Equal([2L, 48L], nn.Flatten().call(x).shape);
        var linear = nn.Linear(4, 5);
        Assert.True(linear.call(x).allclose(x.matmul(linear.weight.t()) + linear.bias!, 1e-4, 1e-5));
    }

    [Fact]
    public void First_values_keep_their_bounds()
    {
        using var scope = NewDisposeScope();
        const double Rounding = 1e-6; // a bound in float32 may lie beyond the one in double
        manual_seed(1);
        var linear = nn.Linear(100, 50);
        Assert.True(linear.weight.abs().max().ToDouble() <= 0.1 + Rounding);
        Assert.True(linear.bias!.abs().max().ToDouble() <= 0.1 + Rounding);
        Assert.True(linear.weight.abs().max().ToDouble() > 0.09);
        var x = torch.zeros(50, 100);
        Assert.True(nn.init.xavier_uniform_(x).abs().max().ToDouble() <= Math.Sqrt(6.0 / 150) + Rounding);
        Assert.True(nn.init.kaiming_uniform_(x).abs().max().ToDouble() <= Math.Sqrt(2) * Math.Sqrt(3.0 / 100) + Rounding);
        Assert.Equal(0.02, nn.init.normal_(x, std: 0.02).std().ToDouble(), 0.002);
        Assert.Equal(3, nn.init.constant_(x, 3).mean().ToDouble(), 1e-6);
        Assert.Equal(0, nn.init.zeros_(x).sum().ToDouble());
        Assert.Equal(5000, nn.init.ones_(x).sum().ToDouble());
    }

    [Fact]
    public void Values_can_be_set_into_a_parameter_that_trains()
    {
        using var layer = nn.Linear(2, 2);
        nn.init.zeros_(layer.weight);
        Assert.Equal([0f, 0f, 0f, 0f], layer.weight.data<float>().ToArray());
        Assert.True(layer.weight.requires_grad);
        Assert.True(layer.weight.is_leaf);
    }

    [Fact]
    public void Gradients_of_a_module_are_cleared()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(2, 2);
        layer.call(torch.ones(1, 2)).sum().backward();
        Assert.NotNull(layer.weight.grad);
        layer.zero_grad();
        Assert.Null(layer.weight.grad);
    }
}
