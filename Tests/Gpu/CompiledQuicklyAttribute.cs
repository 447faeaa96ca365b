using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace Gradwright.Tests.Gpu;

/// <summary>OpenCL kernels that the fixture or test needs first are not optimised: where many are compiled and each runs on a few numbers, it takes a third of the time.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class CompiledQuicklyAttribute : Attribute, ITestAction
{
    private const string Options = "GRADWRIGHT_OPENCL_OPTIONS";

    public ActionTargets Targets => ActionTargets.Default;

    public void BeforeTest(ITest test) => Environment.SetEnvironmentVariable(Options, "-cl-opt-disable");

    public void AfterTest(ITest test) => Environment.SetEnvironmentVariable(Options, null);
}
