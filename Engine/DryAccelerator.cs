namespace Gradwright;

/// <summary>
/// An accelerator without memory: its blocks are addresses alone. Ops infer their shapes on it and allocate what they would, but compute nothing; so its pool tells what a
/// step needs on a machine that need not have it. An operand that lies elsewhere is looked at, not touched. Who asks for numbers is refused.
/// </summary>
internal sealed unsafe class DryAccelerator : Accelerator
{
    private const nint Granule = 64;

    private nint _next = Granule;

    public override string Name => "dry";

    public override string Description => "addresses without memory, for plans";

    public override void Synchronize() { }

    internal override void CopyFromHost(void* source, MemoryBuffer destination, long offset, long bytes) { }

    internal override void CopyToHost(MemoryBuffer source, long offset, void* destination, long bytes) => throw NoNumbers("it copies a tensor to another accelerator");

    internal override void GatherToHost(MemoryBuffer buffer, Layout layout, int elementSize, void* destination) => throw NoNumbers($"it reads the values of a tensor {layout.Shape}");

    internal override void ScatterFromHost(void* source, MemoryBuffer buffer, Layout layout, int elementSize) { }

    internal override void Fill(MemoryBuffer buffer, long offset, long count, int elementSize, ulong pattern) { }

    internal override nint AllocateRaw(long bytes)
    {
        nint pointer = _next;
        _next += (nint)(bytes + Granule) & -Granule;
        return pointer;
    }

    internal override void FreeRaw(nint pointer, long bytes) { }

    /// <summary>Refuses an operation that goes by numbers.</summary>
    /// <exception cref="PlanException">The operand has none.</exception>
    public static void Refuse(string operation, Tensor operand, string remedy)
    {
        if (operand.Accelerator is DryAccelerator) throw new PlanException($"{operation}: needs the numbers of {operand.Describe()}, but a step that is planned computes none. {remedy}");
    }

    private static PlanException NoNumbers(string what)
        => new($"The step cannot be planned: {what}, but a step that is planned computes no numbers. Leave that out of what is planned, or do it after the step.");
}
