using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Tests of one device, each in a scope of its own; skipped visibly where the device is missing. Others test optimised kernels.</summary>
[CompiledQuickly]
public abstract class GpuFixture(string device)
{
    private int _depth;

    private protected GpuAccelerator Gpu { get; private set; } = null!;

    [SetUp]
    public void OpenScope()
    {
        _depth = ScopeStack.Current.Depth;
        Gpu = GpuDevices.Require(device);
        _ = new TensorScope();
    }

    [TearDown]
    public void CloseScope()
    {
        if (ScopeStack.Current.Depth > _depth) ScopeStack.Current.Pop(_depth + 1);
    }
}
