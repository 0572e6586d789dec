// The real package's signatures say nothing about null: who derives from these types may say what holds.
#nullable disable

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>An operation with a backward pass of its own. One object serves all calls.</summary>
        public abstract class Function<T> where T : Function<T>, new()
        {
            internal static T Instance { get; } = new();

            public abstract string Name { get; }
        }

        /// <summary>An operation that gives one tensor.</summary>
        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            /// <summary>Runs <see cref="forward"/> without gradients and records that it ran.</summary>
            public static Tensor apply(params object[] vars)
            {
                var context = new AutogradContext();
                var node = new FunctionNode(Instance.Name, Instance.backward, context, vars);
                Tensor output;
                using (no_grad())
                    output = Instance.forward(context, vars);
                return node.Record(vars, output);
            }

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            /// <summary>One gradient for each argument of <see cref="forward"/>, null where there is none.</summary>
            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);
        }

        /// <summary>What a forward pass leaves for the backward pass.</summary>
        public class AutogradContext
        {
            private readonly Dictionary<string, object> data = [];
            private List<Tensor> waiting = [];
            private int savedCount;

            internal AutogradContext() { }

            /// <summary>The native context, while the backward pass runs.</summary>
            internal IntPtr Running { get; set; }

            public void save_for_backward(List<Tensor> tensors) => waiting = tensors;

            public void save_data(string key, object value) => data[key] = value;

            public object get_data(string key) => data.GetValueOrDefault(key);

            /// <summary>The saved tensors, as new objects, null where null was saved.</summary>
            public unsafe List<Tensor> get_saved_variables()
            {
                if (Running == IntPtr.Zero)
                    throw new InvalidOperationException("get_saved_variables gives what a forward pass saved to its backward pass, and no backward pass is running.");
                var handles = new IntPtr[savedCount];
                fixed (IntPtr* first = handles)
                    Native.Check(Native.lab_function_saved(Running, first, savedCount));
                return handles.Select(handle => handle == IntPtr.Zero ? null : new Tensor(handle)).ToList();
            }

            /// <summary>What <see cref="save_for_backward"/> was given last. It is forgotten here: the node keeps it from now on.</summary>
            internal List<Tensor> TakeSaved()
            {
                var taken = waiting;
                waiting = [];
                savedCount = taken.Count;
                return taken;
            }
        }
    }
}
