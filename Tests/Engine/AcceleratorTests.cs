using NUnit.Framework;

namespace Gradwright.Tests.Engine;

public sealed class AcceleratorTests
{
    [Test]
    public void Operands_of_two_accelerators_are_refused_with_their_places()
    {
        using Tensor here = Tensor.Ones([2]), there = Tensor.Empty([2], accelerator: new Elsewhere());
        Assert.That(() => here + there, Throws.TypeOf<AcceleratorException>().With.Message.Contains("operand 0 [2] Float32 lives on cpu, operand 1 [2] Float32 on elsewhere").And.Message.Contains("Move one"));
    }

    [Test]
    public void Unknown_accelerator_names_what_there_is()
    {
        Assert.That(() => Accelerator.Open("cuda:7"), Throws.TypeOf<AcceleratorException>().With.Message.Contains("'cuda:7'").And.Message.Contains("cpu"));
    }

    [Test]
    public void The_processor_is_the_default()
    {
        Assert.That(Accelerator.Default, Is.SameAs(CpuAccelerator.Instance));
        Assert.That(Accelerator.Open(" CPU "), Is.SameAs(CpuAccelerator.Instance));
    }

    /// <summary>Host memory under another name.</summary>
    private sealed unsafe class Elsewhere : Accelerator
    {
        public override string Name => "elsewhere";
        public override string Description => "a stand-in";
        public override void Synchronize() { }
        internal override void CopyFromHost(void* source, MemoryBuffer destination, long offset, long bytes) => CpuAccelerator.Instance.CopyFromHost(source, destination, offset, bytes);
        internal override void CopyToHost(MemoryBuffer source, long offset, void* destination, long bytes) => CpuAccelerator.Instance.CopyToHost(source, offset, destination, bytes);
        internal override void GatherToHost(MemoryBuffer buffer, Layout layout, int elementSize, void* destination) => CpuAccelerator.Instance.GatherToHost(buffer, layout, elementSize, destination);
        internal override void ScatterFromHost(void* source, MemoryBuffer buffer, Layout layout, int elementSize) => CpuAccelerator.Instance.ScatterFromHost(source, buffer, layout, elementSize);
        internal override void Fill(MemoryBuffer buffer, long offset, long count, int elementSize, ulong pattern) => CpuAccelerator.Instance.Fill(buffer, offset, count, elementSize, pattern);
        internal override nint AllocateRaw(long bytes) => CpuAccelerator.Instance.AllocateRaw(bytes);
        internal override void FreeRaw(nint pointer, long bytes) => CpuAccelerator.Instance.FreeRaw(pointer, bytes);
    }
}
