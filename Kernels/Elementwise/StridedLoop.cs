using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>What a row of an elementwise loop does: n elements at the given addresses, operand 0 being the output.</summary>
internal unsafe interface IRow
{
    /// <param name="loop">Holds the inner strides, in elements.</param>
    /// <param name="p">One address per operand.</param>
    /// <param name="n">Elements in the row.</param>
    void Run(in StridedLoop loop, byte** p, long n);
}

/// <summary>
/// An elementwise loop over up to four operands of broadcast shapes: dimensions in the output's memory order, neighbours
/// merged where every operand allows it, the innermost handed to an <see cref="IRow"/>, the whole cut into tasks by size alone.
/// </summary>
internal unsafe struct StridedLoop
{
    public const int MaxOperands = 4;
    private const long BlockElements = 32 << 10;    // elements of one task; also the most that runs without handing over
    private const long LeastStreamed = 256;         // elements of a row; the ends of shorter ones, which share lines, would come too often

    public int Rank;
    public int Operands;
    private fixed long _lengths[Shape.MaxRank];
    private fixed long _strides[Shape.MaxRank * MaxOperands];   // [dimension][operand], in elements
    private fixed long _pointers[MaxOperands];
    private fixed int _sizes[MaxOperands];
    private bool _streams;

    /// <summary>A loop over the shape of <paramref name="output"/>; the operands broadcast to it.</summary>
    public StridedLoop(Tensor output, params ReadOnlySpan<Tensor> operands) : this()
    {
        Operands = 1 + operands.Length;
        SetOperand(0, output.Pointer, output.DType.Size);
        bool same = output.Layout.IsDense;
        for (int k = 0; k < operands.Length; k++)
        {
            SetOperand(k + 1, operands[k].Pointer, operands[k].DType.Size);
            Layout layout = operands[k].Layout;
            same = same && (ReferenceEquals(layout, output.Layout)
                || (layout.IsContiguous && output.Layout.IsContiguous && layout.Count == output.Layout.Count));
        }

        if (same)
        {
            Rank = 1;
            _lengths[0] = output.Count;
            for (int k = 0; k < Operands; k++) _strides[k] = 1;
            return;
        }

        BuildDimensions(output.Layout, operands);
        Merge();
    }

    /// <summary>A loop over one row of at most 32 Ki elements, which runs at once; <see cref="Place"/> tells its operands.</summary>
    /// <param name="n">Elements.</param>
    /// <param name="streams">Store the result past the caches; the caller ends with <see cref="StreamingStores.Fence"/>.</param>
    public StridedLoop(long n, bool streams) : this() => (Rank, _lengths[0], _streams) = (1, n, streams);

    /// <summary>Where the next operand of a loop over one row lies.</summary>
    public void Place(byte* pointer, long stride, int size)
    {
        SetOperand(Operands, (nint)pointer, size);
        _strides[Operands++] = stride;
    }

    /// <summary>Puts one number that every element sees in front of operand <paramref name="k"/>.</summary>
    public void InsertScalar(int k, void* address)
    {
        for (int i = Operands; i > k; i--)
        {
            (_pointers[i], _sizes[i]) = (_pointers[i - 1], _sizes[i - 1]);
            for (int d = 0; d < Rank; d++) _strides[d * MaxOperands + i] = _strides[d * MaxOperands + i - 1];
        }

        _sizes[k] = _sizes[0];
        Operands++;
        SetScalar(k, address);
    }

    /// <summary>Replaces operand <paramref name="k"/> by one number that every element sees.</summary>
    public void SetScalar(int k, void* address)
    {
        Operands = Math.Max(Operands, k + 1);
        _pointers[k] = (long)address;
        for (int d = 0; d < Rank; d++) _strides[d * MaxOperands + k] = 0;
    }

    /// <summary>One run of neighbours for all operands.</summary>
    public readonly bool IsDense
    {
        get
        {
            bool dense = Rank == 1;
            for (int k = 0; dense && k < Operands; k++) dense = _strides[k] == 1;
            return dense;
        }
    }

    /// <summary>Whether rows should use <see cref="StreamingStores"/>. Not over an operand: its lines have been read by then.</summary>
    public readonly bool Streams
    {
        get
        {
            if (_streams) return true;
            long elements = 1;
            for (int d = 0; d < Rank; d++) elements *= _lengths[d];
            if (elements <= BlockElements || !StreamingStores.Pay(elements * _sizes[0]) || InnerStride(0) != 1 || _lengths[Rank - 1] < LeastStreamed || _pointers[0] % _sizes[0] != 0) return false;
            bool apart = true;
            for (int k = 1; k < Operands; k++) apart &= _pointers[k] != _pointers[0];
            return apart;
        }
    }

    /// <summary>Length of dimension <paramref name="d"/>, the outermost being 0.</summary>
    public readonly long Length(int d) => _lengths[d];

    /// <summary>Distance of operand <paramref name="k"/>'s elements along dimension <paramref name="d"/>, in elements.</summary>
    public readonly long Stride(int d, int k) => _strides[d * MaxOperands + k];

    /// <summary>Distance of operand <paramref name="k"/>'s neighbours in a row, in elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long InnerStride(int k) => _strides[(Rank - 1) * MaxOperands + k];

    /// <summary>Runs the loop, on several threads when it is long.</summary>
    public void Run<TRow>(ref TRow row) where TRow : struct, IRow
    {
        long inner = _lengths[Rank - 1], rows = 1;
        for (int d = 0; d < Rank - 1; d++) rows *= _lengths[d];
        if (inner == 0 || rows == 0) return;
        if (Rank == 1 && inner <= BlockElements)
        {
            byte** p = stackalloc byte*[MaxOperands];
            for (int k = 0; k < Operands; k++) p[k] = (byte*)_pointers[k];
            row.Run(this, p, inner);
            return;
        }

        Job<TRow> job = new() { Loop = this, Row = row, Inner = inner, Streams = Streams, BlocksPerRow = (inner + BlockElements - 1) / BlockElements };
        long block = Math.Min(inner, BlockElements);
        job.BlocksPerTask = Math.Max(1, BlockElements / block);
        job.Blocks = rows * job.BlocksPerRow;
        int tasks = checked((int)((job.Blocks + job.BlocksPerTask - 1) / job.BlocksPerTask));
        WorkerPool.Shared.Run(tasks, ref job);
        row = job.Row;
    }

    private void SetOperand(int k, nint pointer, int size) => (_pointers[k], _sizes[k]) = (pointer, size);

    private void BuildDimensions(Layout output, ReadOnlySpan<Tensor> operands)
    {
        // The output's largest stride becomes the outermost loop, so that channels-last tensors are walked as they lie.
        int rank = output.Rank;
        Span<int> order = stackalloc int[rank];
        int used = 0;
        for (int d = 0; d < rank; d++)
        {
            if (output.Shape.Span[d] == 1) continue;
            int i = used++;
            for (; i > 0 && output.Strides[order[i - 1]] < output.Strides[d]; i--) order[i] = order[i - 1];
            order[i] = d;
        }

        Rank = Math.Max(1, used);
        if (used == 0) _lengths[0] = output.Count;
        for (int i = 0; i < used; i++)
        {
            int d = order[i];
            _lengths[i] = output.Shape.Span[d];
            _strides[i * MaxOperands] = output.Strides[d];
            for (int k = 0; k < operands.Length; k++)
            {
                Layout layout = operands[k].Layout;
                int own = d - (rank - layout.Rank);     // aligned at the last dimension
                _strides[i * MaxOperands + k + 1] = own < 0 || layout.Shape.Span[own] == 1 ? 0 : layout.Strides[own];
            }
        }
    }

    private void Merge()
    {
        int write = 0;
        for (int read = 1; read < Rank; read++)
        {
            bool merge = true;
            for (int k = 0; k < Operands; k++)
                merge &= _strides[write * MaxOperands + k] == _strides[read * MaxOperands + k] * _lengths[read];
            if (!merge) write++;
            _lengths[write] = merge ? _lengths[write] * _lengths[read] : _lengths[read];
            for (int k = 0; k < Operands; k++) _strides[write * MaxOperands + k] = _strides[read * MaxOperands + k];
        }

        Rank = write + 1;
    }

    private struct Job<TRow> : IParallelJob where TRow : struct, IRow
    {
        public StridedLoop Loop;
        public TRow Row;
        public long Inner, BlocksPerRow, BlocksPerTask, Blocks;
        public bool Streams;

        public void Execute(int task)
        {
            byte** p = stackalloc byte*[MaxOperands];
            long first = task * BlocksPerTask, end = Math.Min(Blocks, first + BlocksPerTask);
            for (long block = first; block < end; block++)
            {
                long start = block % BlocksPerRow * BlockElements;
                Loop.Address(block / BlocksPerRow, start, p);
                Row.Run(Loop, p, Math.Min(BlockElements, Inner - start));
            }

            if (Streams) StreamingStores.Fence();
        }
    }

    private readonly void Address(long row, long start, byte** p)
    {
        for (int k = 0; k < Operands; k++) p[k] = (byte*)_pointers[k] + start * InnerStride(k) * _sizes[k];
        for (int d = Rank - 2; d >= 0; d--)
        {
            long index = row % _lengths[d];
            row /= _lengths[d];
            for (int k = 0; k < Operands; k++) p[k] += index * _strides[d * MaxOperands + k] * _sizes[k];
        }
    }
}
