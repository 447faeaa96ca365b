using Gradwright.Kernels;

namespace Gradwright.Examples.KernelList;

internal sealed partial class KernelCatalog
{
    /// <summary>Conversions between all element types, and what moves, orders and draws elements, in every type that it takes; samples have the common types only.</summary>
    private void AddTypes()
    {
        foreach (DType dtype in DTypes.All)
        {
            foreach (DType to in DTypes.All)
            {
                foreach (Func<Tensor, Tensor> make in (Func<Tensor, Tensor>[])[x => x, Sliced, Shifted])
                    Try($"Cast from {dtype} to {to}", () => new Cast(to).Execute(make(Tensor.Empty([64], dtype, _gpu))));
            }

            Tensor Make(params long[] shape) => Tensor.Empty(shape, dtype, _gpu);
            Tensor Index(params long[] shape) => Tensor.Zeros(shape, DType.Int64, _gpu);
            Try($"Copy of {dtype}", () => new Copy().Execute(Transposed(Make(8, 8))));
            Try($"Triangle of {dtype}", () => new Triangle(true, 0).Execute(Make(8, 8)));
            Try($"EdgePad of {dtype}", () => new EdgePad(default, default, new(1, 1), true).Execute(Make(8, 8)));
            Try($"Gather of {dtype}", () => new Gather(0).Execute(Make(8, 8), Index(8, 8)));
            Try($"IndexPut of {dtype}", () => new IndexPut(0).Execute(Make(8, 8), Make(3, 8), Index(3)));
            Try($"OneHot in {dtype}", () => new OneHot(8, dtype).Execute(Index(8)));
            if (dtype.IsHalf) continue;     // without arithmetic
            Try($"ScatterSum of {dtype}", () => new ScatterSum(0, 8).Execute(Make(8, 8), Index(8, 8)));
            Try($"IndexSum of {dtype}", () => new IndexSum(0, 8).Execute(Make(8, 8), Index(8)));
            Try($"Nonzero of {dtype}", () => new Nonzero().Execute(Make(8, 8)));
            Try($"ArgSort of {dtype}", () => new ArgSort(0, 5000, false).Execute(Make(5000)));
            TryHere($"RandomBernoulli in {dtype}", () => new RandomBernoulli([8], 0.5, dtype, 1, 0).Execute());
            TryHere($"Sequence in {dtype}", () => new Sequence(0, 1, 7, 8, dtype).Execute());
        }
    }

    /// <summary>An op without operands, which runs on the default accelerator.</summary>
    private void TryHere(string what, Action run)
    {
        Accelerator before = Accelerator.Default;
        Accelerator.Default = _gpu;
        Try(what, run);
        Accelerator.Default = before;
    }
}
