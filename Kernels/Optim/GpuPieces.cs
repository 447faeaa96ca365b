using System.Buffers;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// Tensors on GPUs that are changed or measured together, each with up to three companions: what <see cref="FlatList"/> is for the CPU. One launch for all of an
/// accelerator's tensors of one type on CUDA, where a table in the device's memory tells their addresses; one launch per tensor on OpenCL.
/// </summary>
/// <remarks>A tensor whose memory is not dense, or a companion that lies otherwise than its leader, is worked on in a packed copy.</remarks>
/// <param name="addressOf">How the device sees a tensor's first element, where that is not its pointer; then a table is used on OpenCL too.</param>
internal sealed unsafe class GpuPieces(Func<Tensor, long>? addressOf = null)
{
    private const int UpdateItems = 8, SquareItems = 64;    // ITEMS of update.cu and squares.cu

    private delegate void GetNumbers(in Piece piece, Span<double> numbers);

    [ThreadStatic] private static GpuPieces? _ofThread;

    private readonly List<(Tensor Packed, Tensor? Target)> _packed = [];
    private Tensor?[] _tensors = [];        // leader, gradient, first and second state of each piece
    private bool _written;
    private Piece[] _pieces = [];
    private int _count;

    /// <summary>This thread's list, empty. Its user calls <see cref="Clear"/> in the end.</summary>
    public static GpuPieces OfThread => _ofThread ??= new();

    /// <summary>Appends a tensor that is changed (<paramref name="written"/>) or only read, with its companions; states are changed.</summary>
    public ref Piece Add(string operation, Tensor lead, bool written, Tensor? gradient = null, Tensor? first = null, Tensor? second = null)
    {
        FlatList.RequireFloating(operation, lead);
        if (gradient is not null) FlatList.RequireFit(operation, lead, gradient);
        if (first is not null) FlatList.RequireFit(operation, lead, first);
        if (second is not null) FlatList.RequireFit(operation, lead, second);
        if (_count == _pieces.Length)
        {
            Array.Resize(ref _pieces, Math.Max(64, 2 * _count));
            Array.Resize(ref _tensors, 4 * _pieces.Length);
        }

        _written = written;
        Span<Tensor?> tensors = _tensors.AsSpan(4 * _count, 4);
        tensors[0] = lead.Layout.IsDense ? lead : Pack(lead, Layout.Contiguous(lead.Shape), written);
        tensors[1] = Companion(lead, gradient, written: false);
        tensors[2] = Companion(lead, first, written: true);
        tensors[3] = Companion(lead, second, written: true);
        if (written) lead.Buffer.BumpVersion();
        ref Piece piece = ref _pieces[_count++];
        piece = new() { Count = lead.Count, DType = lead.DType };
        return ref piece;
    }

    /// <summary>Runs the rule on every element and writes packed copies back.</summary>
    public void Run<TRule>(TRule rule) where TRule : struct, IUpdateRule<TRule>
    {
        if (_count == 0) return;
        Span<double> numbers = stackalloc double[UpdateFormula.MostNumbers];
        foreach ((GpuAccelerator gpu, DType dtype, int[] members) in Groups())
        {
            bool hasTable = HasTable(gpu);
            int group = gpu.Tuning.MapGroup;
            KernelSpec kernel = UpdateKernels<TRule>.Table[(rule.Kind, dtype, hasTable, group)];
            long parts = Cut(members, group * UpdateItems);
            if (hasTable)
            {
                using Tensor table = Upload(gpu, dtype, members, rule.GetNumbers);
                OrderAll(gpu, members);
                KernelArguments arguments = new();
                arguments.Add(table.Buffer, 0, written: false);
                arguments.Value((long)members.Length);
                gpu.Launch(kernel, new(parts), ref arguments);
                continue;
            }

            foreach (int i in members)
            {
                KernelArguments arguments = new();
                arguments.Out(_tensors[4 * i]);
                arguments.In(_tensors[4 * i + 1]);
                arguments.Out(_tensors[4 * i + 2]);
                arguments.Out(_tensors[4 * i + 3]);
                arguments.Value(_pieces[i].Count);
                numbers.Clear();
                rule.GetNumbers(_pieces[i], numbers);
                using Tensor changing = StepNumbers.Upload(gpu, numbers, dtype);
                arguments.In(changing);
                gpu.Launch(kernel, LaunchSize.Covering(_pieces[i].Count, group * UpdateItems), ref arguments);
            }
        }

        foreach ((Tensor packed, Tensor? target) in _packed)
            if (target is not null) new Copy().ExecuteInto(target, packed);
    }

    /// <summary>Σ x² over all elements of all leaders. Waits for the accelerators.</summary>
    public double SumOfSquares()
    {
        double total = 0;
        if (_count == 0) return total;
        foreach ((GpuAccelerator gpu, DType dtype, int[] members) in Groups())
        {
            bool hasTable = HasTable(gpu);
            int group = gpu.Tuning.RowGroup;
            KernelSpec kernel = _squares[(dtype, hasTable, group)];
            long parts = Cut(members, group * SquareItems);
            using Tensor sums = Tensor.Empty([parts, 3], dtype, gpu);
            if (hasTable)
            {
                using Tensor table = Upload(gpu, dtype, members, null);
                OrderAll(gpu, members);
                KernelArguments arguments = new();
                arguments.Out(sums);
                arguments.Add(table.Buffer, 0, written: false);
                arguments.Value((long)members.Length);
                gpu.Launch(kernel, new(parts), ref arguments);
            }
            else
            {
                foreach (int i in members)
                {
                    KernelArguments arguments = new();
                    arguments.Out(sums);
                    arguments.In(_tensors[4 * i]);
                    arguments.Value(_pieces[i].Count);
                    arguments.Value(_pieces[i].Start);
                    gpu.Launch(kernel, LaunchSize.Covering(_pieces[i].Count, group * SquareItems), ref arguments);
                }
            }

            total += dtype == DType.Float64 ? Total(sums.ToArray<double>()) : Total(Array.ConvertAll(sums.ToArray<float>(), sum => (double)sum));
        }

        return total;
    }

    /// <summary>Empties the list and frees the packed copies.</summary>
    public void Clear()
    {
        foreach ((Tensor packed, _) in _packed) packed.Dispose();
        _packed.Clear();
        Array.Clear(_tensors, 0, 4 * _count);
        _count = 0;
    }

    private static readonly KernelTable<(DType Type, bool HasTable, int Group)> _squares = new(key
        => GpuSource.Real("squares.cu", key.HasTable ? "squares_all" : "squares_one", key.Group, key.Type, ("TABLE", key.HasTable ? "1" : "0")));

    // squares.cu: ordinary numbers, large ones times 2⁻⁹⁰, small ones times 2¹⁰⁰.
    private static double Total(double[] sums)
    {
        double total = 0;
        for (int i = 0; i < sums.Length; i += 3) total += sums[i] + (Math.ScaleB(sums[i + 1], 180) + Math.ScaleB(sums[i + 2], -200));
        return total;
    }

    private bool HasTable(GpuAccelerator gpu) => addressOf is not null || gpu.Traits.Api == "CUDA";

    private Tensor? Companion(Tensor lead, Tensor? tensor, bool written)
    {
        if (tensor is null) return null;
        if (written) tensor.Buffer.BumpVersion();
        return FlatList.LiesAlike(lead.Layout, tensor.Layout) ? tensor : Pack(tensor, lead.Layout.ForNewBuffer(), written);
    }

    private Tensor Pack(Tensor tensor, Layout layout, bool written)
    {
        Tensor packed = Tensor.Empty(layout, tensor.DType, tensor.Accelerator, Tensor.Ownership.Internal);
        _packed.Add((packed, written ? tensor : null));
        new Copy().ExecuteInto(packed, tensor);
        return packed;
    }

    /// <summary>The pieces of each accelerator and type that have elements, in order.</summary>
    private IEnumerable<(GpuAccelerator Gpu, DType DType, int[] Members)> Groups()
        => Enumerable.Range(0, _count).Where(i => _pieces[i].Count > 0)
            .GroupBy(i => ((GpuAccelerator)_tensors[4 * i]!.Accelerator, _pieces[i].DType))
            .Select(group => (group.Key.Item1, group.Key.DType, group.ToArray()));

    /// <summary>Cuts each piece into parts, numbered through.</summary>
    private long Cut(int[] members, int chunk)
    {
        long parts = 0;
        foreach (int i in members)
        {
            _pieces[i].Start = parts;
            parts += (_pieces[i].Count + chunk - 1) / chunk;
        }

        return parts;
    }

    /// <summary>The table of pieces.cuh in the device's memory. The copy is handed to the stream like a kernel.</summary>
    private Tensor Upload(GpuAccelerator gpu, DType dtype, int[] members, GetNumbers? getNumbers)
    {
        int entry = 6 * sizeof(long) + UpdateFormula.MostNumbers * dtype.Size, bytes = members.Length * entry;
        Span<double> numbers = stackalloc double[UpdateFormula.MostNumbers];
        byte[] image = ArrayPool<byte>.Shared.Rent(bytes);
        for (int k = 0; k < members.Length; k++)
        {
            ref readonly Piece piece = ref _pieces[members[k]];
            Span<byte> row = image.AsSpan(k * entry, entry);
            Span<long> words = MemoryMarshal.Cast<byte, long>(row[..(6 * sizeof(long))]);
            for (int t = 0; t < 4; t++) words[t] = _tensors[4 * members[k] + t] is { } tensor ? addressOf?.Invoke(tensor) ?? tensor.Pointer : 0;
            (words[4], words[5]) = (piece.Start, piece.Count);
            numbers.Clear();
            getNumbers?.Invoke(piece, numbers);
            Span<byte> rest = row[(6 * sizeof(long))..];
            if (dtype == DType.Float64) numbers.CopyTo(MemoryMarshal.Cast<byte, double>(rest));
            else
            {
                Span<float> singles = MemoryMarshal.Cast<byte, float>(rest);
                for (int i = 0; i < numbers.Length; i++) singles[i] = (float)numbers[i];
            }
        }

        Tensor table = Tensor.Empty([bytes], DType.UInt8, gpu);
        fixed (byte* p = image) gpu.Upload(p, table.Buffer, bytes);
        ArrayPool<byte>.Shared.Return(image);
        return table;
    }

    /// <summary>Makes the stream wait for whoever still uses a buffer whose address only the table knows; there is no limit to their number.</summary>
    private void OrderAll(GpuAccelerator gpu, int[] members)
    {
        foreach (int i in members)
        {
            for (int t = 0; t < 4; t++)
                if (_tensors[4 * i + t] is { } tensor) gpu.Order(gpu.CurrentStream, tensor.Buffer, written: t > 1 || (t == 0 && _written));
        }
    }
}

/// <summary>The kernels of a rule.</summary>
internal static class UpdateKernels<TRule> where TRule : struct, IUpdateRule<TRule>
{
    public static readonly KernelTable<(TRule Kind, DType Type, bool HasTable, int Group)> Table = new(key
        => new(GpuSource.File("update.cu"), key.HasTable ? "update_all" : "update_one", key.Group,
            ("REAL", GpuTypes.Number(key.Type)), ("TABLE", key.HasTable ? "1" : "0"), ("OPERANDS", $"{key.Kind.Operands}"))
        {
            Functions = key.Type == DType.Float64 ? key.Kind.Write<double>() : key.Kind.Write<float>(),
        });
}
