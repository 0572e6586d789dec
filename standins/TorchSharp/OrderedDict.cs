using System.Collections;
using System.Diagnostics.CodeAnalysis;

// As in the real package, keys are not constrained.
#pragma warning disable CS8714

namespace TorchSharp.Utils;

/// <summary>A dictionary that lists its entries in the order in which they were added.</summary>
public class OrderedDict<TKey, TValue> : IDictionary<TKey, TValue>, IList<(TKey, TValue)>
{
    private readonly List<(TKey, TValue)> list = [];
    private readonly Dictionary<TKey, TValue> dictionary = [];

    public int Count => list.Count;

    public bool IsReadOnly => false;

    public ICollection<TKey> Keys => list.Select(item => item.Item1).ToList();

    public ICollection<TValue> Values => list.Select(item => item.Item2).ToList();

    public TValue this[TKey key]
    {
        get => dictionary[key];
        set
        {
            var index = list.FindIndex(item => EqualityComparer<TKey>.Default.Equals(item.Item1, key));
            if (index < 0)
                list.Add((key, value));
            else
                list[index] = (key, value);
            dictionary[key] = value;
        }
    }

    public (TKey, TValue) this[int index]
    {
        get => list[index];
        set
        {
            dictionary.Remove(list[index].Item1);
            list[index] = value;
            dictionary[value.Item1] = value.Item2;
        }
    }

    public void Add(TKey key, TValue value)
    {
        dictionary.Add(key, value);
        list.Add((key, value));
    }

    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<TKey, TValue> item) => Add(item.Key, item.Value);

    public void Insert(int index, (TKey, TValue) item)
    {
        dictionary.Add(item.Item1, item.Item2);
        list.Insert(index, item);
    }

    public bool Remove(TKey key) => dictionary.Remove(key) && list.RemoveAll(item => EqualityComparer<TKey>.Default.Equals(item.Item1, key)) > 0;

    public bool Remove((TKey, TValue) item) => Contains(item) && Remove(item.Item1);

    public bool Remove(KeyValuePair<TKey, TValue> item) => Remove((item.Key, item.Value));

    public void RemoveAt(int index) => Remove(list[index].Item1);

    public void Clear() => clear();

    public void clear()
    {
        dictionary.Clear();
        list.Clear();
    }

    public bool ContainsKey(TKey key) => dictionary.ContainsKey(key);

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => dictionary.TryGetValue(key, out value);

    public bool Contains((TKey, TValue) item) => list.Contains(item);

    public bool Contains(KeyValuePair<TKey, TValue> item) => list.Contains((item.Key, item.Value));

    public int IndexOf((TKey, TValue) item) => list.IndexOf(item);

    public void CopyTo((TKey, TValue)[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);

    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int arrayIndex)
    {
        foreach (var (key, value) in list)
            array[arrayIndex++] = KeyValuePair.Create(key, value);
    }

    public IEnumerable<TKey> keys() => list.Select(item => item.Item1);

    public IEnumerable<TValue> values() => list.Select(item => item.Item2);

    public IEnumerator<(TKey, TValue)> items() => GetEnumerator();

    public IEnumerator<(TKey, TValue)> GetEnumerator() => list.GetEnumerator();

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() =>
        list.Select(item => KeyValuePair.Create(item.Item1, item.Item2)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
