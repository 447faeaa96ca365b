using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace Gradwright.Tests;

/// <summary>
/// Fails a test that leaves tensors, scopes or a tape behind. Set GRADWRIGHT_LEAK_SITES=1 to have the message name the lines that
/// allocated what is left (slow).
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class NoTensorLeaksAttribute : Attribute, ITestAction
{
    private static readonly bool _sites = Environment.GetEnvironmentVariable("GRADWRIGHT_LEAK_SITES") == "1";

    [ThreadStatic] private static long _blocks;
    [ThreadStatic] private static int _depth;

    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
        CpuAccelerator.Instance.Pool.TrackAllocations = false;
        CpuAccelerator.Instance.Pool.TrackAllocations = _sites;
        (_blocks, _depth) = (LiveBlocks, ScopeStack.Current.Depth);
    }

    public void AfterTest(ITest test)
    {
        long left = LiveBlocks - _blocks;
        int open = ScopeStack.Current.Depth - _depth;
        string sites = left > 0 && _sites ? "\n" + string.Join('\n', CpuAccelerator.Instance.Pool.LeakReport()) : "";
        if (open > 0) ScopeStack.Current.Pop(_depth + 1);           // the next test starts clean
        bool failed = TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed;
        if (failed) return;                                         // what an exception left is not what went wrong
        Assert.That(open, Is.Zero, $"{test.Name} left a TensorScope or Tape open.");
        Assert.That(left, Is.LessThanOrEqualTo(0), $"{test.Name} left {left} blocks of tensor memory alive: a tensor made outside a scope was not disposed.{sites}");
    }

    private static long LiveBlocks => CpuAccelerator.Instance.Pool.Statistics.LiveBlocks;
}
