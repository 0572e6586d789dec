using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { set; get; }

                double InitialLearningRate { set; get; }
            }

            public interface IBetas
            {
                (double, double) Betas { get; set; }
            }

            public interface IMomentum
            {
                double Momentum { get; set; }
            }

            public abstract class Optimizer : IDisposable
            {
                protected IList<ParamGroup> _parameter_groups = null!;

                protected Optimizer(IntPtr handle) => _ = handle;

                ~Optimizer() => Dispose(false);

                public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing) { }

                public virtual void zero_grad() => throw new NotImplementedException(nameof(zero_grad));

                public virtual Tensor? step(Func<Tensor>? closure = null) => throw new NotImplementedException(nameof(step));

                public virtual void add_param_group(ParamGroup param_group) => throw new NotImplementedException(nameof(add_param_group));

                public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

                /// <summary>The optimiser's own options and states, not copies.</summary>
                public class StateDictionary
                {
                    internal StateDictionary() { }

                    public List<OptimizerOptions> Options { get; private set; } = [];

                    public List<OptimizerState> State { get; private set; } = [];

                    public List<List<int>> StateIndexRef { get; private set; } = [];
                }
            }

            public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(item => item.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<AdamW.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    public abstract class OptimizerHelper : torch.optim.Optimizer
    {
        protected OptimizerOptions _defaults = null!;
        protected Utils.OrderedDict<IntPtr, OptimizerState> _state = new();

        public OptimizerHelper() : base(IntPtr.Zero) => _parameter_groups = [];

        public override IEnumerable<Parameter> parameters() => base.parameters();

        public override void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

        /// <summary>Gradients become zero; they are not dropped.</summary>
        public override unsafe void zero_grad()
        {
            foreach (var group in _parameter_groups)
            {
                var handles = torch.Handles(group.Parameters);
                fixed (IntPtr* p = handles)
                    Native.Check(Native.lab_zero_grads(p, handles.Length));
                GC.KeepAlive(group);
            }
        }

        public virtual StateDictionary state_dict()
        {
            var dictionary = new StateDictionary();
            foreach (var group in _parameter_groups)
            {
                dictionary.Options.Add(group.Options);
                var indices = new List<int>();
                dictionary.StateIndexRef.Add(indices);
                foreach (var parameter in group.Parameters)
                {
                    indices.Add(dictionary.State.Count);
                    dictionary.State.Add(_state[parameter.Handle]);
                }
            }
            return dictionary;
        }

        public virtual void load_state_dict(StateDictionary state_dict)
        {
            var own = this.state_dict();
            if (state_dict.Options.Count != own.Options.Count)
                throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.");
            if (state_dict.State.Count != own.State.Count)
                throw new ArgumentException("Invalid optimizer state -- different number of states.");
            for (var i = 0; i < own.Options.Count; i++)
                if (!ReferenceEquals(own.Options[i], state_dict.Options[i]))
                    own.Options[i].LoadStateDict(state_dict.Options[i]);
            for (var i = 0; i < own.State.Count; i++)
                if (!ReferenceEquals(own.State[i], state_dict.State[i]))
                    own.State[i].LoadStateDict(state_dict.State[i]);
        }

        public void to(torch.Device device)
        {
            foreach (var (_, state) in _state)
                state.to(device);
        }

        /// <summary>Runs the closure with gradients, then the body for every group without, its tensors in a scope.</summary>
        protected torch.Tensor? _step<T>(Action<T> body, Func<torch.Tensor>? loss_closure = null) where T : ParamGroup
        {
            torch.Tensor? loss = null;
            if (loss_closure is not null)
                using (torch.enable_grad())
                    loss = loss_closure();
            using var mode = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            foreach (var group in _parameter_groups)
                body((T)group);
            return loss;
        }

        private protected void Begin(OptimizerOptions defaults, IEnumerable<ParamGroup> groups)
        {
            defaults.InitialLearningRate = defaults.LearningRate!.Value;
            _defaults = defaults;
            foreach (var group in groups)
                add_param_group(group);
        }

        private protected void Enter(ParamGroup group, Func<Parameter, OptimizerState> state)
        {
            group.Options.LearningRate ??= _defaults.LearningRate;
            group.Options.InitialLearningRate = group.Options.LearningRate!.Value;
            group.Parameters = group.Parameters.ToArray();
            _parameter_groups.Add(group);
            foreach (var parameter in group.Parameters)
            {
                var entry = state(parameter);
                _state[parameter.Handle] = entry;
                entry.Initialize(group.Options);
            }
        }
    }

    public class OptimizerOptions
    {
        public double? LearningRate { get; set; }

        public double InitialLearningRate { get; set; }

        public virtual void LoadStateDict(OptimizerOptions source) =>
            (InitialLearningRate, LearningRate) = (source.InitialLearningRate, source.LearningRate);
    }

    public abstract class OptimizerState
    {
        protected Parameter _parameter;

        protected OptimizerState(Parameter parameter) => _parameter = parameter;

        public abstract void LoadStateDict(OptimizerState source);

        public abstract void Initialize(OptimizerOptions options);

        public virtual bool ApproximatelyEquals(OptimizerState other) => false;

        public virtual void to(torch.Device device) { }
    }

    public class ParamGroup : torch.optim.ILearningRateController
    {
        public IEnumerable<Parameter> Parameters { get; set; } = null!;

        public OptimizerOptions Options { get; set; } = null!;

        public double LearningRate
        {
            get => Options.LearningRate!.Value;
            set => Options.LearningRate = value;
        }

        public double InitialLearningRate
        {
            get => Options.InitialLearningRate;
            set => Options.InitialLearningRate = value;
        }
    }

    public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
    {
        public ParamGroup() { }

        public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
        {
            Parameters = parameters;
            base.Options = options!;
        }

        public new TOptions Options
        {
            get => (TOptions)base.Options;
            set => base.Options = value;
        }
    }
}
