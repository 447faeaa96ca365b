using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Gradwright.Tests;

public sealed class NoTensorLeaksTests
{
    [Test]
    public void A_forgotten_tensor_fails_the_test() => AssertCaught(() => Tensor.Zeros([3]), "1 blocks");

    [Test]
    public void A_scope_left_open_fails_the_test() => AssertCaught(() => new TensorScope(), "open");

    private static void AssertCaught(Func<IDisposable> leave, string message)
    {
        NoTensorLeaksAttribute action = new();
        ITest test = TestExecutionContext.CurrentContext.CurrentTest;
        action.BeforeTest(test);
        IDisposable left = leave();
        using (new TestExecutionContext.IsolatedContext())
            Assert.That(() => action.AfterTest(test), Throws.TypeOf<AssertionException>().With.Message.Contains(message));
        left.Dispose();
    }
}
