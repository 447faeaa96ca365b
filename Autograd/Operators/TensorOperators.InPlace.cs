using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>Overwrites the elements with another tensor's, broadcast, of the same element type. Refused while a tape records either.</summary>
        /// <exception cref="TapeException">The recording tape differentiates one of the tensors.</exception>
        public void CopyFrom(Tensor source)
        {
            ArgumentNullException.ThrowIfNull(source);
            InPlace.Require(nameof(CopyFrom), "the source itself, or source.Copy(),", x, source);
            bool isPlain = source.Shape == x.Shape && source.DType == x.DType && source.Accelerator == x.Accelerator && source.Buffer != x.Buffer;
            if (isPlain) new Copy().ExecuteInto(x, source);
            else new ViewPut([]).ExecuteInto(x, x, source);
        }

        /// <summary>x += y, broadcast to x. Refused while a tape records either.</summary>
        /// <inheritdoc cref="CopyFrom(Tensor, Tensor)" path="/exception"/>
        public void AddInPlace(Tensor y) => Update<Add>(x, y, nameof(AddInPlace), "x + y");

        /// <summary>x −= y, broadcast to x. Refused while a tape records either.</summary>
        /// <inheritdoc cref="CopyFrom(Tensor, Tensor)" path="/exception"/>
        public void SubtractInPlace(Tensor y) => Update<Subtract>(x, y, nameof(SubtractInPlace), "x - y");

        /// <summary>x *= y, broadcast to x. Refused while a tape records either.</summary>
        /// <inheritdoc cref="CopyFrom(Tensor, Tensor)" path="/exception"/>
        public void MultiplyInPlace(Tensor y) => Update<Multiply>(x, y, nameof(MultiplyInPlace), "x * y");

        /// <summary>x *= c. Refused while a tape records x.</summary>
        /// <inheritdoc cref="CopyFrom(Tensor, Tensor)" path="/exception"/>
        public void MultiplyInPlace(double c)
        {
            InPlace.Require(nameof(MultiplyInPlace), "x * c", x);
            new BinaryScalar<Multiply>(c, false).ExecuteInto(x, x);
        }

        /// <summary>x += c. Refused while a tape records x.</summary>
        /// <inheritdoc cref="CopyFrom(Tensor, Tensor)" path="/exception"/>
        public void AddInPlace(double c)
        {
            InPlace.Require(nameof(AddInPlace), "x + c", x);
            new BinaryScalar<Add>(c, false).ExecuteInto(x, x);
        }
    }

    private static void Update<TKernel>(Tensor x, Tensor y, string operation, string remedy) where TKernel : struct, IBinaryKernel
    {
        ArgumentNullException.ThrowIfNull(y);
        InPlace.Require(operation, remedy, x, y);
        // Another view of the same memory would change while it is read.
        bool overlaps = y.Buffer == x.Buffer && y.Layout != x.Layout;
        using Tensor operand = overlaps ? new Copy().Execute(y) : y.Alias(ownership: Tensor.Ownership.Internal);
        Binary<TKernel>.Instance.ExecuteInto(x, x, operand);
    }
}
