using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// Reads the pickles (protocols 2 to 5) in which PyTorch describes weights. A pickle is a small program; this
/// machine has only the instructions that build plain containers, numbers, strings and descriptions of tensors.
/// No class is loaded, no function called, nothing executed: what a name outside <see cref="PickleNames"/> would make is an
/// inert <see cref="PickleForeign"/>, so that weights beside the state of a training can be read; among the weights
/// themselves it is refused. Every value costs at least a byte of the file, so memory is bounded by its size.
/// </summary>
internal sealed class PickleReader
{
    /// <summary>Largest pickle accepted, in bytes. Weights alone stay under one megabyte; a long training's records take tens.</summary>
    internal const int Largest = 128 << 20;

    /// <summary>Most instructions and copied items; a ViT-L with its optimizer's state takes some hundred thousand.</summary>
    internal const int MostSteps = 2_000_000;

    /// <summary>Widest whole number, in bytes; the mark of PyTorch's older files has ten.</summary>
    private const int WidestNumber = 16;

    /// <summary>Where the list of foreign classes ends.</summary>
    private const int MostForeign = 100;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _bytes;
    private readonly string _file;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);
    private readonly HashSet<string> _foreign = new(StringComparer.Ordinal);
    private int _at;
    private int _steps;

    /// <summary>A reader at the start of the first pickle.</summary>
    /// <param name="bytes">One pickle or several, one after another; what stands behind the last is not looked at.</param>
    /// <param name="file">Name of the file, for messages.</param>
    internal PickleReader(byte[] bytes, string file)
    {
        if (bytes.Length > Largest)
            throw new CheckpointException(CheckpointFault.TooLarge, $"{file}: a pickle of {bytes.Length} bytes; at most {Largest} are read.");
        _bytes = bytes;
        _file = file;
    }

    /// <summary>Where the next pickle begins.</summary>
    internal int Position => _at;

    /// <summary>Every storage that was named so far, by its key.</summary>
    internal IReadOnlyDictionary<string, PickleStorage> Storages => _storages;

    /// <summary>Names of classes outside the list that were met so far.</summary>
    internal IReadOnlyCollection<string> Foreign => _foreign;

    /// <summary>Reads the next pickle.</summary>
    /// <returns>Null, bool, long, <see cref="BigInteger"/>, double, string, byte[], a list or one of the values in <c>PickleValues.cs</c>.</returns>
    /// <exception cref="CheckpointException">The pickle is damaged, or asks for what weights never need.</exception>
    internal object? Next()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        if (_bytes.Length - _at < 2 || _bytes[_at] != 0x80 || _bytes[_at + 1] is < 2 or > 5)
            throw Fault(CheckpointFault.Malformed, "does not start as a pickle of protocol 2 to 5");
        _at += 2;
        while (true)
        {
            int start = _at;
            Spend(1);
            byte code = Byte();
            switch (code)
            {
                case (byte)'.': // STOP
                    if (_stack.Count != 1 || _marks.Count != 0)
                        throw Fault(CheckpointFault.Malformed, $"ends with {_stack.Count} values on its stack instead of one");
                    return _stack[0];
                case 0x80: // PROTO
                    Byte();
                    break;
                case 0x95: // FRAME: a hint for streams
                    Take(8);
                    break;
                case (byte)'(':
                    _marks.Add(_stack.Count);
                    break;
                case (byte)'0': // POP
                    // Like Python's: pops a mark when nothing stands above it.
                    if (_marks.Count > 0 && _marks[^1] == _stack.Count)
                        _marks.RemoveAt(_marks.Count - 1);
                    else
                        Pop();
                    break;
                case (byte)'1': // POP_MARK
                    PopToMark();
                    break;
                case (byte)'2': // DUP
                    Push(Peek());
                    break;
                case (byte)'N':
                    Push(null);
                    break;
                case 0x88:
                    Push(true);
                    break;
                case 0x89:
                    Push(false);
                    break;
                case (byte)'J': // BININT
                    Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                    break;
                case (byte)'K': // BININT1
                    Push((long)Byte());
                    break;
                case (byte)'M': // BININT2
                    Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                    break;
                case 0x8a: // LONG1
                    {
                        BigInteger number = Whole(Take(Byte()));
                        Push(number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number);
                        break;
                    }
                case (byte)'G': // BINFLOAT
                    Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                    break;
                case (byte)'X': // BINUNICODE
                    Push(Text(Length4()));
                    break;
                case 0x8c: // SHORT_BINUNICODE
                    Push(Text(Byte()));
                    break;
                case 0x8d: // BINUNICODE8
                    Push(Text(Length8()));
                    break;
                case (byte)'U': // SHORT_BINSTRING
                    Push(Text(Byte()));
                    break;
                case (byte)'T': // BINSTRING
                    Push(Text(Length4()));
                    break;
                case (byte)'C': // SHORT_BINBYTES
                    Push(Take(Byte()).ToArray());
                    break;
                case (byte)'B': // BINBYTES
                    Push(Take(Length4()).ToArray());
                    break;
                case 0x8e: // BINBYTES8
                    Push(Take(Length8()).ToArray());
                    break;
                case (byte)'}':
                    Push(new PickleDict());
                    break;
                case (byte)']':
                case 0x8f: // EMPTY_SET
                    Push(new List<object?>());
                    break;
                case (byte)')':
                    Push(new PickleTuple([]));
                    break;
                case 0x85:
                case 0x86:
                case 0x87: // TUPLE1 to TUPLE3
                    Push(new PickleTuple(PopMany(code - 0x84)));
                    break;
                case (byte)'t':
                    Push(new PickleTuple(PopToMark()));
                    break;
                case (byte)'l':
                case 0x91: // FROZENSET
                    Push(new List<object?>(PopToMark()));
                    break;
                case (byte)'d':
                    {
                        object?[] items = PopToMark();
                        var dict = new PickleDict();
                        SetItems(dict, items);
                        Push(dict);
                        break;
                    }
                case (byte)'a': // APPEND
                    Append(PopMany(1));
                    break;
                case (byte)'e':
                case 0x90: // APPENDS, ADDITEMS
                    Append(PopToMark());
                    break;
                case (byte)'s': // SETITEM
                    {
                        object?[] items = PopMany(2);
                        SetItems(Peek(), items);
                        break;
                    }
                case (byte)'u': // SETITEMS
                    {
                        object?[] items = PopToMark();
                        SetItems(Peek(), items);
                        break;
                    }
                case (byte)'q': // BINPUT
                    _memo[Byte()] = Peek();
                    break;
                case (byte)'r': // LONG_BINPUT
                    _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek();
                    break;
                case 0x94: // MEMOIZE
                    _memo[(uint)_memo.Count] = Peek();
                    break;
                case (byte)'h': // BINGET
                    Push(Recall(Byte()));
                    break;
                case (byte)'j': // LONG_BINGET
                    Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                    break;
                case (byte)'c': // GLOBAL
                    {
                        string module = Line();
                        Push(Resolve(module, Line()));
                        break;
                    }
                case 0x93: // STACK_GLOBAL
                    {
                        object?[] names = PopMany(2);
                        if (names is not [string module, string name])
                            throw Fault(CheckpointFault.Malformed, "names a class by something that is no text");
                        Push(Resolve(module, name));
                        break;
                    }
                case (byte)'R': // REDUCE
                case 0x81: // NEWOBJ
                    {
                        object?[] call = PopMany(2);
                        Push(Construct(call[0], call[1]));
                        break;
                    }
                case 0x92: // NEWOBJ_EX: arguments by name, which nothing on the list takes
                    {
                        object?[] call = PopMany(3);
                        if (call[0] is not (PickleName { Kind: PickleNameKind.Foreign } or PickleForeign))
                            throw Fault(CheckpointFault.Malformed, "gives arguments by name to something that takes none");
                        Push(Construct(call[0], call[1]));
                        break;
                    }
                case (byte)'b': // BUILD
                    {
                        object? state = Pop();
                        Build(Peek(), state);
                        break;
                    }
                case (byte)'Q': // BINPERSID
                    Push(Storage(Pop()));
                    break;
                default:
                    throw Fault(
                        CheckpointFault.Instruction,
                        string.Create(CultureInfo.InvariantCulture, $"uses instruction 0x{code:x2} at byte {start}, which weight files do not need"));
            }
        }
    }

    private PickleName Resolve(string module, string name)
    {
        PickleName resolved = PickleNames.Resolve(module, name);
        if (resolved.Kind == PickleNameKind.Foreign && _foreign.Count < MostForeign)
            _foreign.Add(Printable(resolved.FullName));
        return resolved;
    }

    private object? Construct(object? callee, object? arguments)
    {
        if (callee is PickleForeign foreign)
            return foreign;
        if (callee is PickleName { Kind: PickleNameKind.Foreign } unknown)
            return new PickleForeign(Printable(unknown.FullName));
        if (callee is not PickleName name)
            throw Fault(CheckpointFault.Malformed, "calls something that is no class");
        if (arguments is not PickleTuple tuple)
            throw Fault(CheckpointFault.Malformed, $"calls {name.FullName} without a tuple of arguments");
        return name.Kind switch
        {
            PickleNameKind.Dict => Dict(tuple.Items),
            PickleNameKind.Items => tuple.Items switch
            {
                [] => new List<object?>(),
                [List<object?> list, ..] => list,
                [PickleTuple items] => items,
                [PickleForeign or PickleDict, ..] => tuple.Items[0],
                _ => throw Fault(CheckpointFault.Malformed, $"calls {name.FullName} without a list"),
            },
            PickleNameKind.Tensor => Tensor(tuple.Items),
            PickleNameKind.Parameter => tuple.Items is [PickleTensor or PickleForeign, ..] ? tuple.Items[0] : throw Fault(CheckpointFault.Malformed, "makes a parameter of something that is no tensor"),
            PickleNameKind.Module => new PickleModule(name.FullName),
            _ => throw Fault(CheckpointFault.Malformed, $"calls {name.FullName}, which is a type of storage"),
        };
    }

    private PickleDict Dict(object?[] arguments)
    {
        var dict = new PickleDict();
        // OrderedDict() is filled afterwards; older protocols pass a list of pairs.
        if (arguments is [List<object?> pairs])
        {
            Spend(pairs.Count);
            foreach (object? pair in pairs)
                SetItems(dict, pair switch
                {
                    PickleTuple { Items: [var key, var value] } => [key, value],
                    List<object?> and [var key, var value] => [key, value],
                    _ => throw Fault(CheckpointFault.Malformed, "fills a dictionary with something that is no pair"),
                });
        }
        else if (arguments is not [])
            throw Fault(CheckpointFault.Malformed, "makes a dictionary of something that is no list of pairs");
        return dict;
    }

    /// <summary>Arguments: storage, offset, shape, stride, then flags and hooks that weights do not need.</summary>
    private object Tensor(object?[] arguments)
    {
        // A tensor of elements that the lab does not hold.
        if (arguments is [PickleForeign foreign, ..])
            return foreign;
        if (arguments is not [PickleStorage storage, long offset, PickleTuple shapeItems, PickleTuple strideItems, ..])
            throw Fault(CheckpointFault.Malformed, "makes a tensor of something else than storage, offset, shape and stride");
        long[] shape = Numbers(shapeItems);
        long[] stride = Numbers(strideItems);
        if (shape.Length != stride.Length || shape.Length > SafeTensorsHeader.MostDimensions || offset < 0 || offset > storage.Count)
            throw Fault(CheckpointFault.Offsets, $"has a tensor of shape {ElementTypes.Text(shape)}, stride {ElementTypes.Text(stride)} at offset {offset}");
        if (ElementTypes.Count(shape) is not long count || count > storage.Count)
            throw Fault(CheckpointFault.Size, $"has a tensor of shape {ElementTypes.Text(shape)} in a storage of {storage.Count} elements");
        // The last element's place; one step past the storage is already too far, so sums cannot overflow.
        long last = offset;
        for (int i = 0; i < shape.Length && count > 0; i++)
        {
            if (stride[i] < 0 || (shape[i] > 1 && stride[i] > storage.Count))
                throw Fault(CheckpointFault.Offsets, $"has a tensor of stride {ElementTypes.Text(stride)} in a storage of {storage.Count} elements");
            last += shape[i] > 1 ? (shape[i] - 1) * stride[i] : 0;
            if (last >= storage.Count)
                throw Fault(CheckpointFault.Offsets, $"has a tensor of shape {ElementTypes.Text(shape)}, stride {ElementTypes.Text(stride)} at offset {offset}, which reaches past its storage of {storage.Count} elements");
        }
        return new PickleTensor(storage, offset, shape, stride);
    }

    private long[] Numbers(PickleTuple tuple)
    {
        var numbers = new long[tuple.Items.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = tuple.Items[i] is long number ? number : throw Fault(CheckpointFault.Malformed, "has a shape that is no list of whole numbers");
        return numbers;
    }

    /// <summary>A persistent id: <c>('storage', class, key, device, count)</c>.</summary>
    private object Storage(object? id)
    {
        // Older files add a part of a storage, which is None for a whole one.
        if (id is not PickleTuple { Items: ["storage", PickleName type, string key, string, long and >= 0 and var count, ..] items } || items is not ({ Length: 5 } or [.., null]) || items.Length > 6)
            throw Fault(CheckpointFault.Malformed, "refers to something outside the file that is no storage of numbers");
        if (type.Kind == PickleNameKind.Foreign)
            return new PickleForeign(Printable(type.FullName));
        if (type.Kind != PickleNameKind.Storage)
            throw Fault(CheckpointFault.Malformed, $"names {type.FullName} as a type of storage");
        var storage = new PickleStorage(key, ElementTypes.FromStorageClass(type.Name)!.Value, (long)count);
        if (!_storages.TryAdd(key, storage) && _storages[key] != storage)
            throw Fault(CheckpointFault.Size, $"refers to the storage '{Printable(key)}' in two ways");
        return storage;
    }

    private void Build(object? target, object? state)
    {
        switch (target)
        {
            case PickleModule module when state is PickleDict attributes:
                Spend(attributes.Count);
                foreach ((object key, object? value) in attributes.Items)
                    module.Attributes.Set(key, value);
                break;
            case PickleForeign:
            case PickleName { Kind: PickleNameKind.Foreign }:
            case PickleDict: // an OrderedDict's own attributes, such as a state_dict's _metadata
                break;
            default:
                throw Fault(CheckpointFault.Malformed, "sets the state of something that has none");
        }
    }

    private void Append(object?[] items)
    {
        switch (Peek())
        {
            case List<object?> list:
                list.AddRange(items);
                break;
            case PickleForeign:
                break;
            default:
                throw Fault(CheckpointFault.Malformed, "appends to something that is no list");
        }
    }

    private void SetItems(object? target, object?[] items)
    {
        if (items.Length % 2 != 0)
            throw Fault(CheckpointFault.Malformed, "has a key without a value");
        if (target is PickleForeign)
            return;
        if (target is not PickleDict dict)
            throw Fault(CheckpointFault.Malformed, "sets an item of something that is no dictionary");
        for (int i = 0; i < items.Length; i += 2)
            // A dictionary keyed by a foreign object simply lacks that item.
            if (items[i] is not (PickleForeign or PickleName { Kind: PickleNameKind.Foreign } or null))
                dict.Set(items[i], items[i + 1]);
    }

    /// <summary>Counts work against the bound, so that a small file cannot ask for much by copying one list again and again.</summary>
    private void Spend(int steps)
    {
        if (steps > MostSteps - _steps)
            throw Fault(CheckpointFault.TooLarge, $"takes more than {MostSteps} steps");
        _steps += steps;
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Underflow();

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopMany(int count)
    {
        if (_stack.Count - Floor < count)
            throw Underflow();
        object?[] items = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Underflow();
        int mark = _marks[^1];
        object?[] items = [.. _stack[mark..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    private object? Recall(uint place) =>
        _memo.TryGetValue(place, out object? value) ? value : throw Fault(CheckpointFault.Malformed, $"recalls value {place}, which it never stored");

    private byte Byte() => _at < _bytes.Length ? _bytes[_at++] : throw Fault(CheckpointFault.Truncated, "ends in the middle of an instruction");

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _bytes.Length - _at)
            throw Fault(CheckpointFault.Truncated, $"announces {count} bytes where {_bytes.Length - _at} are left");
        ReadOnlySpan<byte> span = _bytes.AsSpan(_at, (int)count);
        _at += (int)count;
        return span;
    }

    private long Length4() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private long Length8()
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        return length <= int.MaxValue ? (long)length : throw Fault(CheckpointFault.Truncated, $"announces {length} bytes");
    }

    private string Text(long length)
    {
        try
        {
            return StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException error)
        {
            throw new CheckpointException(CheckpointFault.Malformed, $"{_file}: the pickle holds text that is no UTF-8.", error);
        }
    }

    private string Line()
    {
        int length = _bytes.AsSpan(_at).IndexOf((byte)'\n');
        if (length < 0)
            throw Fault(CheckpointFault.Truncated, "ends in the middle of a name");
        string line = Text(length);
        _at++;
        return line;
    }

    private BigInteger Whole(ReadOnlySpan<byte> bytes) => bytes.Length <= WidestNumber
        ? new BigInteger(bytes)
        : throw Fault(CheckpointFault.Malformed, $"holds a number of {bytes.Length} bytes; at most {WidestNumber} are read");

    private CheckpointException Underflow() => Fault(CheckpointFault.Malformed, "takes more values off its stack than it put there");

    private CheckpointException Fault(CheckpointFault fault, string what) => new(fault, $"{_file}: the pickle {what}.");

    /// <summary>A name from the file, without control characters that would upset a terminal, and not longer than a line.</summary>
    internal static string Printable(string name) =>
        new([.. name.Take(120).Select(c => char.IsControl(c) ? '?' : c)]);
}
