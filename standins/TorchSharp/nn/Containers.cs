using System.Collections;
using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules called one after another.</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<nn.IModule<Tensor, Tensor>> modules = [];

        protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this((IEnumerable<(string, nn.Module<Tensor, Tensor>)>)modules) { }

        protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this(modules.Select((module, i) => (i.ToString(), module))) { }

        internal Sequential(IEnumerable<(string name, nn.Module<Tensor, Tensor> module)> modules) : base(nameof(Sequential))
        {
            foreach (var (name, module) in modules)
                append(name, module);
        }

        public int Count => modules.Count;

        public nn.IModule<Tensor, Tensor> this[int index] => modules[index];

        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            add_module(name, (nn.Module)module);
            modules.Add(module);
            return this;
        }

        public Sequential append(nn.IModule<Tensor, Tensor> module) => append(modules.Count.ToString(), module);

        /// <summary>Every result but the last goes as soon as the next module has used it, unless something else holds it.</summary>
        public override Tensor forward(Tensor tensor)
        {
            if (modules.Count == 0)
                return tensor.alias();
            using var scope = NewDisposeScope();
            var result = tensor;
            foreach (var module in modules)
                result = module.call(result);
            return (ReferenceEquals(result, tensor) ? result.alias() : result).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Modules under their numbers.</summary>
    public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
    {
        private readonly List<T> list = [];

        public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => list.AddRange(modules);

        public int Count => list.Count;

        public bool IsReadOnly => false;

        public T this[int index]
        {
            get => list[index];
            set => list[index] = value;
        }

        protected override void RegisterComponents()
        {
            if (_internal_submodules.Count > 0)
                return;
            for (var i = 0; i < list.Count; i++)
                register_module(i.ToString(), list[i]);
        }

        public void Add(T item) => list.Add(item);

        public void append(params T[] parameters) => list.AddRange(parameters);

        public void extend(IEnumerable<T> modules) => list.AddRange(modules);

        public void Insert(int index, T item) => list.Insert(index, item);

        public bool Remove(T item) => list.Remove(item);

        public void RemoveAt(int index) => list.RemoveAt(index);

        public void Clear() => list.Clear();

        public bool Contains(T item) => list.Contains(item);

        public int IndexOf(T item) => list.IndexOf(item);

        public void CopyTo(T[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);

        public IEnumerator<T> GetEnumerator() => list.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Modules under names.</summary>
    public class ModuleDict<T> : nn.Module, IDictionary<string, T>, IList<(string, T)> where T : nn.Module
    {
        private readonly Utils.OrderedDict<string, T> dictionary = new();

        public ModuleDict() : base(nameof(ModuleDict<T>)) { }

        public int Count => dictionary.Count;

        public bool IsReadOnly => false;

        public ICollection<string> Keys => dictionary.Keys;

        public ICollection<T> Values => dictionary.Values;

        public T this[string key]
        {
            get => dictionary[key];
            set => dictionary[key] = value;
        }

        public (string, T) this[int index]
        {
            get => dictionary[index];
            set => dictionary[index] = value;
        }

        protected override void RegisterComponents()
        {
            if (_internal_submodules.Count > 0)
                return;
            foreach (var (name, module) in dictionary)
                register_module(name, module);
        }

        public void Add((string, T) item) => dictionary.Add(item);

        public void Add(string key, T value) => dictionary.Add(key, value);

        public void Add(KeyValuePair<string, T> item) => dictionary.Add(item);

        public void Insert(int index, (string, T) item) => dictionary.Insert(index, item);

        public bool Remove(string key) => dictionary.Remove(key);

        public bool Remove((string, T) item) => dictionary.Remove(item);

        public bool Remove(KeyValuePair<string, T> item) => dictionary.Remove(item);

        public void RemoveAt(int index) => dictionary.RemoveAt(index);

        public void Clear() => dictionary.Clear();

        public void clear() => dictionary.clear();

        public bool ContainsKey(string key) => dictionary.ContainsKey(key);

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => dictionary.TryGetValue(key, out value);

        public bool Contains((string, T) item) => dictionary.Contains(item);

        public bool Contains(KeyValuePair<string, T> item) => dictionary.Contains(item);

        public int IndexOf((string, T) item) => dictionary.IndexOf(item);

        public void CopyTo((string, T)[] array, int arrayIndex) => dictionary.CopyTo(array, arrayIndex);

        public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) => dictionary.CopyTo(array, arrayIndex);

        public IEnumerable<string> keys() => dictionary.keys();

        public IEnumerable<T> values() => dictionary.values();

        public IEnumerator<(string, T)> items() => dictionary.items();

        public IEnumerator<(string, T)> GetEnumerator() => dictionary.GetEnumerator();

        IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() =>
            ((IEnumerable<KeyValuePair<string, T>>)dictionary).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

namespace TorchSharp
{
    using Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential() => Sequential((IEnumerable<Module<Tensor, Tensor>>)[]);

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) =>
                Sequential((IEnumerable<(string name, Module<Tensor, Tensor> submodule)>)modules);

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) =>
                Sequential(modules.Select((module, i) => (name: i.ToString(), submodule: module)));

            public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => new(modules);

            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);

            public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module
            {
                var result = new ModuleDict<T>();
                foreach (var (name, module) in modules)
                    result.Add(name, module);
                return result;
            }

            public static ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => ModuleDict<Module>(modules);
        }
    }
}
