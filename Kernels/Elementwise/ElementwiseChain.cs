namespace Gradwright.Kernels;

/// <summary>
/// Several elementwise ops in one pass over memory: what <c>model.Compile()</c> makes of ops that follow each other. Pieces that the first-level cache holds go through all
/// steps, each in the loop that the op has anyway, so every bit of the result is what the ops would make one after the other. Operands, up to three, are broadcast; they
/// are Float32 or Float64. Only for inference: it has no derivative.
/// </summary>
public sealed record ElementwiseChain : Op
{
    private const int PieceElements = 4096;     // 16 KB of floats: half of a first-level cache

    /// <summary>Outside operands that a chain takes at most.</summary>
    public const int MostOperands = StridedLoop.MaxOperands - 1;

    private readonly int[] _slots;              // where in the scratch memory each step but the last puts its result
    private readonly int _slotCount;

    /// <summary>A chain of these steps; the last one makes the result.</summary>
    /// <exception cref="ArgumentException">There is no step, a step's op is not elementwise, or a source is not there yet.</exception>
    public ElementwiseChain(params ChainStep[] steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (steps.Length == 0) throw new ArgumentException($"{nameof(ElementwiseChain)}: takes at least one step.", nameof(steps));
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i].Op is not IElementwise)
                throw new ArgumentException($"{nameof(ElementwiseChain)}: step {i}, {steps[i].Op.Name}, is no function of single elements. Chains take ops of one or two operands and {nameof(AddProduct)}.", nameof(steps));
            foreach (int source in steps[i].Sources)
                if (source >= MostOperands || ~source >= i)
                    throw new ArgumentException($"{nameof(ElementwiseChain)}: step {i}, {steps[i].Op.Name}, takes {(source < 0 ? $"the result of step {~source}, which does not come before it" : $"operand {source}, but there are at most {MostOperands}")}.", nameof(steps));
        }

        Steps = steps;
        OperandCount = 1 + steps.Max(step => step.Sources.Max());
        (_slots, _slotCount) = Slots(steps);
    }

    /// <summary>The ops, in order.</summary>
    public IReadOnlyList<ChainStep> Steps { get; }

    public override string Name => nameof(ElementwiseChain);
    protected internal override bool WritesAnywhere => true;

    private int OperandCount { get; }

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (x.Length != OperandCount) throw new ArgumentException($"{Name}: its steps take {OperandCount} operands, but got {x.Length}.");
        DType dtype = Check.Floating(this, x[0]);
        Check.SameType(this, x);
        y[0] = new(dtype, Broadcasting.OutputLayout(Name, x));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        StridedLoop loop = new(y[0]!, x);
        Row row = new() { Chain = this, Type = x[0].DType, Streams = loop.Streams };
        loop.Run(ref row);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Tensor[] made = new Tensor[Steps.Count - 1];
        for (int i = 0; i < Steps.Count; i++)
        {
            Tensor[] operands = new Tensor[Steps[i].Sources.Length];
            for (int k = 0; k < operands.Length; k++) operands[k] = Steps[i].Sources[k] is >= 0 and int outside ? x[outside] : made[~Steps[i].Sources[k]];
            if (i < made.Length) made[i] = Steps[i].Op.Execute(operands);
            else Steps[i].Op.Compute(gpu, operands, y);
        }

        foreach (Tensor tensor in made) tensor.Dispose();
    }

    /// <summary>A slot is free again after the last step that reads it; that step may write over it.</summary>
    private static (int[] Slots, int Count) Slots(ChainStep[] steps)
    {
        int[] slots = new int[steps.Length];
        List<int> occupants = [];               // the step whose result each slot holds
        for (int i = 0; i < steps.Length - 1; i++)
        {
            int slot = occupants.FindIndex(step => Array.FindLastIndex(steps, later => later.Sources.Contains(~step)) <= i);
            if (slot < 0)
            {
                slot = occupants.Count;
                occupants.Add(i);
            }

            (slots[i], occupants[slot]) = (slot, i);
        }

        return (slots, occupants.Count);
    }

    private unsafe struct Row : IRow
    {
        public ElementwiseChain Chain;
        public DType Type;
        public bool Streams;

        public readonly void Run(in StridedLoop loop, byte** p, long n)
        {
            int size = Type.Size;
            nint slotBytes = PieceElements * size;
            byte* scratch = (byte*)WindowWorkspace.Rent(Math.Max(1, Chain._slotCount) * slotBytes);
            for (long start = 0; start < n; start += PieceElements)
            {
                long count = Math.Min(PieceElements, n - start);
                for (int i = 0; i < Chain.Steps.Count; i++)
                {
                    ChainStep step = Chain.Steps[i];
                    bool isLast = i == Chain.Steps.Count - 1;
                    StridedLoop piece = new(count, isLast && Streams);
                    if (isLast) PlaceOutside(ref piece, loop, p, 0, start, size);
                    else piece.Place(scratch + Chain._slots[i] * slotBytes, 1, size);
                    foreach (int source in step.Sources)
                    {
                        if (source >= 0) PlaceOutside(ref piece, loop, p, source + 1, start, size);
                        else piece.Place(scratch + Chain._slots[~source] * slotBytes, 1, size);
                    }

                    ((IElementwise)step.Op).Run(piece, Type);
                }
            }
        }

        private static void PlaceOutside(ref StridedLoop piece, in StridedLoop loop, byte** p, int k, long start, int size)
            => piece.Place(p[k] + start * loop.InnerStride(k) * size, loop.InnerStride(k), size);
    }
}
