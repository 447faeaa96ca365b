using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>What is done to a run of elements of a <see cref="Piece"/>.</summary>
internal interface IPieceWork
{
    /// <param name="piece">The tensors.</param>
    /// <param name="from">First element of the run.</param>
    /// <param name="n">Elements in the run.</param>
    /// <param name="block">Which block of the flat list the run is part of.</param>
    void Run<T, V, S>(in Piece piece, long from, long n, int block)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
}

/// <summary>
/// Many tensors as one flat list of elements, cut into blocks of equal size whatever the tensors' sizes: a network's hundred
/// small tensors and its few large ones share the threads evenly, in one hand-over. The cuts depend on the sizes alone.
/// </summary>
/// <remarks>A tensor whose memory is not dense, or a companion that lies otherwise than its leader, is worked on in a packed copy.</remarks>
internal sealed unsafe class FlatList
{
    private const long BlockElements = 16 << 10;    // elements of one task; also the most that runs without handing over
    private const long Alignment = 64;              // pieces start at multiples of this, so that no cut lands inside a cache line

    [ThreadStatic] private static FlatList? _ofThread;

    private Piece[] _pieces = GC.AllocateUninitializedArray<Piece>(64, pinned: true);
    private readonly List<(Tensor Packed, Tensor? Target)> _packed = [];
    private int _count;
    private long _end;

    /// <summary>This thread's list, empty. Its user calls <see cref="Clear"/> in the end.</summary>
    public static FlatList OfThread => _ofThread ??= new();

    /// <summary>Number of blocks that <see cref="Run"/> works on.</summary>
    public int Blocks => checked((int)((_end + BlockElements - 1) / BlockElements));

    /// <summary>Appends a tensor that is changed (<paramref name="written"/>) or only read; it may be empty.</summary>
    public ref Piece Add(string operation, Tensor lead, bool written)
    {
        OpListener.Refuse(operation, "Call it between steps.");
        RequireFloating(operation, lead);
        if (_count == _pieces.Length) Grow();
        ref Piece piece = ref _pieces[_count++];
        piece.Start = (_end + Alignment - 1) & -Alignment;
        piece.Count = lead.Count;
        piece.DType = lead.DType;
        piece.Lead = lead.Layout.IsDense ? lead.Pointer : Pack(lead, Layout.Contiguous(lead.Shape), written);
        if (written) lead.Buffer.BumpVersion();
        _end = piece.Start + piece.Count;
        return ref piece;
    }

    /// <summary>The address of a companion's elements in the order of its leader's.</summary>
    public nint Companion(string operation, Tensor lead, Tensor tensor, bool written)
    {
        RequireFit(operation, lead, tensor);
        if (written) tensor.Buffer.BumpVersion();
        return LiesAlike(lead.Layout, tensor.Layout) ? tensor.Pointer : Pack(tensor, lead.Layout.ForNewBuffer(), written);
    }

    /// <summary>The leader is of a type that updates compute in.</summary>
    public static void RequireFloating(string operation, Tensor lead)
    {
        if (lead.DType is not (DType.Float32 or DType.Float64))
            throw new DTypeException($"{operation}: {lead.Describe()} is neither Float32 nor Float64. Keep parameters in Float32 and cast what is computed from them.");
    }

    /// <summary>A companion has its leader's shape, type and accelerator.</summary>
    public static void RequireFit(string operation, Tensor lead, Tensor tensor)
    {
        if (tensor.DType != lead.DType || tensor.Shape != lead.Shape)
            throw new ShapeException($"{operation}: the gradient or state {tensor.Describe()} does not fit the parameter {lead.Describe()}; shape and type must be equal.");
        if (tensor.Accelerator != lead.Accelerator)
            throw new AcceleratorException($"{operation}: the gradient or state {tensor.Describe()} lives on {tensor.Accelerator.Name}, the parameter {lead.Describe()} on {lead.Accelerator.Name}. Move one to the other first.");
    }

    /// <summary>The companion's elements are in the order of its leader's; a leader with gaps is worked on in a row-major copy.</summary>
    public static bool LiesAlike(Layout lead, Layout own)
        => (own.IsContiguous && (lead.IsContiguous || !lead.IsDense)) || (own.IsDense && lead.IsDense && own.Strides.SequenceEqual(lead.Strides));

    /// <summary>Runs the work on every element and writes packed copies back.</summary>
    public void Run<TWork>(ref TWork work) where TWork : struct, IPieceWork
    {
        if (_count == 0) return;
        Job<TWork> job = new() { Pieces = (Piece*)Unsafe.AsPointer(ref _pieces[0]), Count = _count, End = _end, Work = work };
        WorkerPool.Shared.Run(Blocks, ref job);
        foreach ((Tensor packed, Tensor? target) in _packed)
            if (target is not null) new Copy().ExecuteInto(target, packed);
    }

    /// <summary>Empties the list and frees the packed copies.</summary>
    public void Clear()
    {
        foreach ((Tensor packed, _) in _packed) packed.Dispose();
        _packed.Clear();
        (_count, _end) = (0, 0);
    }

    private nint Pack(Tensor tensor, Layout layout, bool written)
    {
        Tensor packed = Tensor.Empty(layout, tensor.DType, tensor.Accelerator, Tensor.Ownership.Internal);
        _packed.Add((packed, written ? tensor : null));
        new Copy().ExecuteInto(packed, tensor);
        return packed.Pointer;
    }

    private void Grow()
    {
        Piece[] larger = GC.AllocateUninitializedArray<Piece>(2 * _pieces.Length, pinned: true);
        _pieces.CopyTo(larger, 0);
        _pieces = larger;
    }

    private struct Job<TWork> : IParallelJob where TWork : struct, IPieceWork
    {
        public Piece* Pieces;
        public int Count;
        public long End;
        public TWork Work;

        public void Execute(int task)
        {
            long begin = task * BlockElements, end = Math.Min(End, begin + BlockElements);
            for (int k = Find(begin); k < Count && Pieces[k].Start < end; k++)
            {
                ref readonly Piece piece = ref Pieces[k];
                long from = Math.Max(begin - piece.Start, 0), n = Math.Min(end - piece.Start, piece.Count) - from;
                if (n <= 0) continue;
                if (piece.DType == DType.Float32) Run<float>(piece, from, n, task);
                else Run<double>(piece, from, n, task);
            }
        }

        private void Run<T>(in Piece piece, long from, long n, int task) where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            Action<T, TWork> action = new() { Work = Work, Piece = (Piece*)Unsafe.AsPointer(in piece), From = from, Count = n, Block = task };
            SimdDispatch.Run<T, Action<T, TWork>>(ref action);
        }

        /// <summary>The last piece that starts at or before <paramref name="place"/>.</summary>
        private readonly int Find(long place)
        {
            int low = 0, high = Count - 1;
            while (low < high)
            {
                int middle = (low + high + 1) / 2;
                if (Pieces[middle].Start <= place) low = middle;
                else high = middle - 1;
            }

            return low;
        }
    }

    private struct Action<T, TWork> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T> where TWork : struct, IPieceWork
    {
        public TWork Work;
        public Piece* Piece;
        public long From, Count;
        public int Block;

        public void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => Work.Run<T, V, S>(*Piece, From, Count, Block);
    }
}
