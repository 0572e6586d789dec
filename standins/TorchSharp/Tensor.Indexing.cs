namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => index(TensorIndex.Single(i1));
            set => index_put_(value, TensorIndex.Single(i1));
        }

        public Tensor this[long i1, long i2]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2));
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3));
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3), TensorIndex.Single(i4));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3), TensorIndex.Single(i4));
        }

        public Tensor index(params Tensor[] indices) => Aten.index.Call(this, indices);

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, tensors) = View(indices);
            if (tensors is null)
                return view;
            using (view)
                return Aten.index.Call(view, tensors);
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, accumulate: false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Aten.index_put_inplace.InPlace(this, indices, value, accumulate);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, accumulate: false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var (view, tensors) = View(indices);
            using (view)
            {
                if (tensors is not null)
                    Aten.index_put_inplace.InPlace(view, tensors, value, accumulate);
                else if (accumulate)
                    view.add_(value);
                else
                    Assign(view, value);
            }
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var scalar = torch.full([], value, dtype, device);
            return index_put_(scalar, indices);
        }

        /// <summary>Copies with the leading dimensions of size 1 of the value dropped, as Python's indexing does.</summary>
        private static void Assign(Tensor view, Tensor value)
        {
            var shape = value.shape;
            var extra = 0;
            while (shape.Length - extra > view.Dimensions && shape[extra] == 1)
                extra++;
            if (extra == 0)
            {
                view.copy_(value);
                return;
            }
            using var trimmed = value.reshape(shape[extra..]);
            view.copy_(trimmed);
        }

        /// <summary>
        /// Applies numbers, slices, None and Ellipsis as views. What is left are index tensors, one for each dimension of the
        /// view (null where there is none), or null when no index is a tensor.
        /// </summary>
        private (Tensor View, Tensor?[]? Tensors) View(TensorIndex[] indices)
        {
            var used = indices.Sum(index => index.IndexKind switch
            {
                TensorIndex.Kind.None or TensorIndex.Kind.Ellipsis or TensorIndex.Kind.Bool => 0L,
                TensorIndex.Kind.Tensor when index.Value!.dtype is ScalarType.Bool or ScalarType.Byte => index.Value.Dimensions,
                _ => 1L
            });
            if (used > Dimensions)
                throw new System.Runtime.InteropServices.ExternalException(
                    $"too many indices for tensor of dimension {Dimensions}");
            var view = alias();
            var dimension = 0L;
            Tensor?[]? tensors = null;
            foreach (var index in indices)
            {
                switch (index.IndexKind)
                {
                    case TensorIndex.Kind.None:
                        Replace(view.unsqueeze(dimension));
                        dimension++;
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        dimension += Dimensions - used;
                        break;
                    case TensorIndex.Kind.Single:
                        Replace(view.select(dimension, index.Start!.Value));
                        break;
                    case TensorIndex.Kind.Slice:
                        if (index.Start is not null || index.Stop is not null || index.Step is not null)
                            Replace(Aten.slice_Tensor.Call(view, dimension, index.Start, index.Stop, index.Step ?? 1));
                        dimension++;
                        break;
                    case TensorIndex.Kind.Tensor:
                        tensors = Placed(tensors, dimension, index.Value!);
                        dimension += index.Value!.dtype is ScalarType.Bool or ScalarType.Byte ? index.Value.Dimensions : 1;
                        break;
                    default:
                        Replace(view.unsqueeze(dimension));
                        tensors = Placed(tensors, dimension, torch.tensor(index.Start != 0).reshape(1));
                        dimension++;
                        break;
                }
            }
            return (view, tensors);

            void Replace(Tensor next)
            {
                view.Dispose();
                view = next;
            }

            static Tensor?[] Placed(Tensor?[]? tensors, long dimension, Tensor value)
            {
                // A mask covers several dimensions of the view with one entry of the list.
                var list = tensors?.ToList() ?? [];
                var covered = list.Sum(item => item?.dtype is ScalarType.Bool or ScalarType.Byte ? item.Dimensions : 1);
                for (; covered < dimension; covered++)
                    list.Add(null);
                list.Add(value);
                return list.ToArray();
            }
        }
    }
}
