using System.Buffers;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// Tensors on GPUs that are changed or measured together, each with up to four companions: what <see cref="FlatList"/> is for the CPU. One launch for all of an
/// accelerator's tensors of one type on CUDA, where a table in the device's memory tells their addresses; one launch per tensor on OpenCL.
/// </summary>
/// <remarks>A tensor whose memory is not dense, or a companion that lies otherwise than its leader, is worked on in a packed copy.</remarks>
/// <param name="addressOf">How the device sees a tensor's first element, where that is not its pointer; then a table is used on OpenCL too.</param>
internal sealed unsafe class GpuPieces(Func<Tensor, long>? addressOf = null)
{
    private const int UpdateItems = 8, SquareItems = 64;    // ITEMS of update.cu, and of squares.cu and trust.cu
    private const int TensorsOfPiece = 5;
    private const int WordsOfPiece = TensorsOfPiece + 2;

    [ThreadStatic] private static GpuPieces? _ofThread;

    private readonly List<(Tensor Packed, Tensor? Target)> _packed = [];
    private Tensor?[] _tensors = [];        // leader, gradient and three states of each piece
    private bool _written;
    private Piece[] _pieces = [];
    private int _count;

    /// <summary>This thread's list, empty. Its user calls <see cref="Clear"/> in the end.</summary>
    public static GpuPieces OfThread => _ofThread ??= new();

    /// <summary>Appends a tensor that is changed (<paramref name="written"/>) or only read, with its companions; states are changed.</summary>
    public ref Piece Add(string operation, Tensor lead, bool written, Tensor? gradient = null, Tensor? first = null, Tensor? second = null, Tensor? third = null)
    {
        OpListener.Refuse(operation, "Call it between steps.");
        FlatList.RequireFloating(operation, lead);
        if (gradient is not null) FlatList.RequireFit(operation, lead, gradient);
        if (first is not null) FlatList.RequireFit(operation, lead, first);
        if (second is not null) FlatList.RequireFit(operation, lead, second);
        if (third is not null) FlatList.RequireFit(operation, lead, third);
        if (_count == _pieces.Length)
        {
            Array.Resize(ref _pieces, Math.Max(64, 2 * _count));
            Array.Resize(ref _tensors, TensorsOfPiece * _pieces.Length);
        }

        _written = written;
        Span<Tensor?> tensors = _tensors.AsSpan(TensorsOfPiece * _count, TensorsOfPiece);
        tensors[0] = lead.Layout.IsDense ? lead : Pack(lead, Layout.Contiguous(lead.Shape), written);
        tensors[1] = Companion(lead, gradient, written: false);
        tensors[2] = Companion(lead, first, written: true);
        tensors[3] = Companion(lead, second, written: true);
        tensors[4] = Companion(lead, third, written: true);
        if (written) lead.Buffer.BumpVersion();
        ref Piece piece = ref _pieces[_count++];
        piece = new() { Count = lead.Count, DType = lead.DType };
        return ref piece;
    }

    /// <summary>Runs the rule on every element and writes packed copies back.</summary>
    /// <param name="rule">The formula.</param>
    /// <param name="trust">Gives the last number of the formula, from the norms of each leader and of its gradient, without waiting for the device.</param>
    public void Run<TRule>(TRule rule, TrustRatio? trust = null) where TRule : struct, IUpdateRule<TRule>
    {
        if (_count == 0) return;
        foreach ((GpuAccelerator gpu, DType dtype, int[] members) in Groups())
        {
            using Tensor? ratios = trust is { } ratio ? Ratios(gpu, dtype, members, ratio) : null;
            bool hasTable = HasTable(gpu);
            int group = gpu.Tuning.MapGroup;
            KernelSpec kernel = UpdateKernels<TRule>.Table[(rule.Kind, dtype, hasTable, trust is not null, group)];
            long parts = Cut(members, group * UpdateItems);
            if (hasTable)
            {
                using Tensor table = Upload(gpu, dtype, members);
                OrderAll(gpu, members);
                KernelArguments arguments = new();
                arguments.Add(table.Buffer, 0, written: false);
                arguments.In(ratios);
                arguments.Value((long)members.Length);
                gpu.Launch(kernel, new(parts), ref arguments);
                continue;
            }

            for (int k = 0; k < members.Length; k++)
            {
                ref readonly Piece piece = ref _pieces[members[k]];
                KernelArguments arguments = new();
                arguments.Out(TensorOf(members[k], 0));
                arguments.In(TensorOf(members[k], 1));
                for (int t = 2; t < TensorsOfPiece; t++) arguments.Out(TensorOf(members[k], t));
                arguments.In(ratios);
                arguments.Value(piece.Count);
                arguments.Value((long)k);
                using Tensor numbers = StepNumbers.Upload(gpu, piece.Numbers, dtype);
                arguments.In(numbers);
                gpu.Launch(kernel, LaunchSize.Covering(piece.Count, group * UpdateItems), ref arguments);
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
            long parts = Cut(members, gpu.Tuning.RowGroup * SquareItems);
            using Tensor? table = HasTable(gpu) ? Upload(gpu, dtype, members) : null;
            using Tensor sums = Squares(gpu, dtype, members, parts, table, ofGradients: false);
            total += dtype == DType.Float64 ? Total(sums.ToArray<double>()) : Total(Array.ConvertAll(sums.ToArray<float>(), sum => (double)sum));
        }

        return total;
    }

    /// <summary>The trust ratio of each piece, [pieces], in the device's memory.</summary>
    private Tensor Ratios(GpuAccelerator gpu, DType dtype, int[] members, TrustRatio trust)
    {
        bool hasTable = HasTable(gpu);
        int group = gpu.Tuning.RowGroup, chunk = group * SquareItems;
        KernelSpec kernel = _trust[(dtype, hasTable, group)];
        long parts = Cut(members, chunk);
        using Tensor? table = hasTable ? Upload(gpu, dtype, members) : null;
        using Tensor x = Squares(gpu, dtype, members, parts, table, ofGradients: false), g = Squares(gpu, dtype, members, parts, table, ofGradients: true);
        Tensor ratios = Tensor.Empty([members.Length], dtype, gpu);
        for (int k = 0; k < (hasTable ? 1 : members.Length); k++)
        {
            ref readonly Piece piece = ref _pieces[members[k]];
            KernelArguments arguments = new();
            arguments.Out(ratios);
            arguments.In(x);
            arguments.In(g);
            if (hasTable) arguments.Add(table!.Buffer, 0, written: false);
            else
            {
                arguments.Value((long)k);
                arguments.Value(piece.Start);
                arguments.Value((piece.Count + chunk - 1) / chunk);
            }

            foreach (double number in (ReadOnlySpan<double>)[trust.Trust, trust.Decay, trust.Epsilon, trust.Largest]) arguments.Real(number, dtype);
            gpu.Launch(kernel, new(hasTable ? members.Length : 1), ref arguments);
        }

        return ratios;
    }

    /// <summary>Three sums of squares for each part of the leaders or of their gradients, [parts, 3].</summary>
    private Tensor Squares(GpuAccelerator gpu, DType dtype, int[] members, long parts, Tensor? table, bool ofGradients)
    {
        int group = gpu.Tuning.RowGroup;
        KernelSpec kernel = _squares[(dtype, table is not null, ofGradients && table is not null, group)];
        Tensor sums = Tensor.Empty([parts, 3], dtype, gpu);
        if (table is not null)
        {
            OrderAll(gpu, members, onlyRead: true);
            KernelArguments arguments = new();
            arguments.Out(sums);
            arguments.Add(table.Buffer, 0, written: false);
            arguments.Value((long)members.Length);
            gpu.Launch(kernel, new(parts), ref arguments);
            return sums;
        }

        foreach (int i in members)
        {
            KernelArguments arguments = new();
            arguments.Out(sums);
            arguments.In(TensorOf(i, ofGradients ? 1 : 0));
            arguments.Value(_pieces[i].Count);
            arguments.Value(_pieces[i].Start);
            gpu.Launch(kernel, LaunchSize.Covering(_pieces[i].Count, group * SquareItems), ref arguments);
        }

        return sums;
    }

    /// <summary>Empties the list and frees the packed copies.</summary>
    public void Clear()
    {
        foreach ((Tensor packed, _) in _packed) packed.Dispose();
        _packed.Clear();
        Array.Clear(_tensors, 0, TensorsOfPiece * _count);
        _count = 0;
    }

    private static readonly KernelTable<(DType Type, bool HasTable, bool OfGradients, int Group)> _squares = new(key
        => GpuSource.Real("squares.cu", key.HasTable ? "squares_all" : "squares_one", key.Group, key.Type, ("TABLE", key.HasTable ? "1" : "0"), ("MEMBER", key.OfGradients ? "g" : "x")));

    private static readonly KernelTable<(DType Type, bool HasTable, int Group)> _trust = new(key
        => GpuSource.Real("trust.cu", key.HasTable ? "trust_all" : "trust_one", key.Group, key.Type, ("TABLE", key.HasTable ? "1" : "0")));

    private ref Tensor? TensorOf(int piece, int index) => ref _tensors[TensorsOfPiece * piece + index];

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
            .GroupBy(i => ((GpuAccelerator)TensorOf(i, 0)!.Accelerator, _pieces[i].DType))
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
    private Tensor Upload(GpuAccelerator gpu, DType dtype, int[] members)
    {
        int words = WordsOfPiece * sizeof(long), entry = words + UpdateFormula.MostNumbers * dtype.Size, bytes = members.Length * entry;
        byte[] image = ArrayPool<byte>.Shared.Rent(bytes);
        for (int k = 0; k < members.Length; k++)
        {
            ref readonly Piece piece = ref _pieces[members[k]];
            Span<byte> row = image.AsSpan(k * entry, entry);
            Span<long> places = MemoryMarshal.Cast<byte, long>(row[..words]);
            for (int t = 0; t < TensorsOfPiece; t++) places[t] = TensorOf(members[k], t) is { } tensor ? addressOf?.Invoke(tensor) ?? tensor.Pointer : 0;
            (places[^2], places[^1]) = (piece.Start, piece.Count);
            ReadOnlySpan<double> numbers = piece.Numbers;
            Span<byte> rest = row[words..];
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
    private void OrderAll(GpuAccelerator gpu, int[] members, bool onlyRead = false)
    {
        foreach (int i in members)
        {
            for (int t = 0; t < TensorsOfPiece; t++)
                if (TensorOf(i, t) is { } tensor) gpu.Order(gpu.CurrentStream, tensor.Buffer, written: !onlyRead && (t > 1 || (t == 0 && _written)));
        }
    }
}

/// <summary>The kernels of a rule.</summary>
internal static class UpdateKernels<TRule> where TRule : struct, IUpdateRule<TRule>
{
    public static readonly KernelTable<(TRule Kind, DType Type, bool HasTable, bool HasTrust, int Group)> Table = new(key
        => new(GpuSource.File("update.cu"), key.HasTable ? "update_all" : "update_one", key.Group,
            ("REAL", GpuTypes.Number(key.Type)), ("TABLE", key.HasTable ? "1" : "0"), ("TRUST", key.HasTrust ? "1" : "0"), ("OPERANDS", $"{key.Kind.Operands}"))
        {
            Functions = key.Type == DType.Float64 ? UpdateFormula.Write<TRule, double>(key.Kind) : UpdateFormula.Write<TRule, float>(key.Kind),
        });
}
