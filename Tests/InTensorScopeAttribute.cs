using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace Gradwright.Tests;

/// <summary>Each test of the fixture runs in a scope of its own, which frees the tensors that it makes.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class InTensorScopeAttribute : Attribute, ITestAction
{
    [ThreadStatic] private static int _depth;

    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test) => _depth = ScopeStack.Current.Push();

    public void AfterTest(ITest test) => ScopeStack.Current.Pop(_depth);
}
