using System.Reflection;

namespace TorchSharp.Modules
{
    /// <summary>A tensor that modules list among their parameters. It takes the tensor over that it is made of.</summary>
    public class Parameter : torch.Tensor
    {
        public Parameter(torch.Tensor data, bool requires_grad = true)
            : base(data.with_requires_grad(requires_grad).Release(), register: false) =>
            DisposeScope.Replace(data, this);
    }
}

namespace TorchSharp.Utils
{
    /// <summary>The name under which a field is registered, where that is not the field's own.</summary>
    [AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
    public class ComponentNameAttribute : Attribute
    {
        public string? Name { get; set; }
    }
}

namespace TorchSharp
{
    public static class FieldInfoExtensionMethods
    {
        public static string ComponentName(this FieldInfo field) =>
            field.GetCustomAttribute<Utils.ComponentNameAttribute>()?.Name ?? field.Name;
    }
}
