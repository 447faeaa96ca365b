using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// A function with a backward pass of its own. <see cref="Forward"/> runs unrecorded; what it passes to <see cref="Context.Save"/>
/// is there again in <see cref="Backward"/>.
/// </summary>
/// <example><code>
/// sealed class Sigmoid : CustomFunction
/// {
///     protected override Tensor Forward(Context c, ReadOnlySpan&lt;Tensor&gt; x) =&gt; c.Save(1 / (1 + (-x[0]).Exp()));
///     protected override Tensor?[] Backward(Context c, Tensor g) =&gt; [g * c.Saved(0) * (1 - c.Saved(0))];
/// }
/// Tensor y = new Sigmoid().Apply(x);
/// </code></example>
/// <remarks>To be differentiable twice, a function saves only operands and its result.</remarks>
public abstract class CustomFunction
{
    /// <summary>Computes the function and records it like an op.</summary>
    public Tensor Apply(params ReadOnlySpan<Tensor> x)
    {
        if (x.Length == 0) throw new ArgumentException($"{GetType().Name}: a function needs at least one operand.");
        return Tape.Apply(new CustomOp(this), x);
    }

    /// <summary>y = f(x…). Not recorded.</summary>
    protected abstract Tensor Forward(Context context, ReadOnlySpan<Tensor> x);

    /// <summary>The gradients of the operands, given the gradient of the result; null for an operand that needs none. Recorded under createGraph.</summary>
    protected abstract Tensor?[] Backward(Context context, Tensor gradient);

    /// <summary>What a forward pass leaves for its backward pass.</summary>
    public sealed class Context
    {
        private VjpContext? _backward;

        internal List<Tensor> Tensors { get; } = [];

        /// <summary>Where each saved tensor stands in the recorded node.</summary>
        internal int[] Positions { get; set; } = [];

        /// <summary>Keeps a tensor for the backward pass: an operand, the result or anything between.</summary>
        /// <returns>The same tensor.</returns>
        public Tensor Save(Tensor tensor)
        {
            ArgumentNullException.ThrowIfNull(tensor);
            Tensors.Add(tensor);
            return tensor;
        }

        /// <summary>The i-th saved tensor.</summary>
        /// <exception cref="TapeException">It has changed since the forward pass.</exception>
        /// <exception cref="ArgumentOutOfRangeException">Forward saved fewer.</exception>
        public Tensor Saved(int i)
        {
            if (_backward is null) throw new InvalidOperationException("Saved tensors are there in Backward.");
            if ((uint)i >= (uint)Positions.Length)
                throw new ArgumentOutOfRangeException(nameof(i), i, $"Saved({i}): Forward saved {Positions.Length} tensors, counted from 0. Call Save there for each that Backward needs.");
            return _backward[Positions[i]];
        }

        internal void Open(VjpContext? backward) => _backward = backward;
    }

    /// <summary>The function as the tape sees it.</summary>
    internal sealed record CustomOp(CustomFunction Function) : Op
    {
        private readonly Context _context = new();
        private int _kept;
        private bool _savesIntermediates;

        public override string Name => Function.GetType().Name;
        public override int KeptCount => _kept;

        /// <summary>Known once the function has run.</summary>
        public VjpRule Rule { get; private set; } = null!;

        public override void Execute(ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
        {
            using Tape.Pause pause = Tape.NoRecord();
            Tensor result = Function.Forward(_context, x);
            Saves saves = Saves.Nothing;
            int[] positions = new int[_context.Tensors.Count];
            for (int i = 0; i < positions.Length; i++)
            {
                Tensor tensor = _context.Tensors[i];
                int operand = IndexOf(x, tensor);
                if (operand >= 0)
                {
                    positions[i] = operand;
                    saves |= operand < 6 ? (Saves)(1 << operand) : Saves.Inputs;
                }
                else if (ReferenceEquals(tensor, result))
                {
                    positions[i] = x.Length;
                    saves |= Saves.Output;
                }
                else
                {
                    if (1 + ++_kept >= MaxOutputs) throw new ArgumentException($"{Name}: at most {MaxOutputs - 2} intermediate tensors can be saved.");
                    positions[i] = x.Length + _kept;
                    y[_kept] = tensor.Alias();
                    saves |= Saves.Kept;
                    _savesIntermediates = true;
                }
            }

            _context.Positions = positions;
            _context.Tensors.Clear();
            Rule = new(saves, Differentiate);
            y[0] = IndexOf(x, result) >= 0 ? result.Alias() : result;   // a result that is an operand would be its own ancestor
        }

        protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => throw OnlyThroughApply();
        protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => throw OnlyThroughApply();
        private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => throw OnlyThroughApply();

        private static int IndexOf(ReadOnlySpan<Tensor> x, Tensor tensor)
        {
            for (int i = 0; i < x.Length; i++)
                if (ReferenceEquals(x[i], tensor)) return i;
            return -1;
        }

        private void Differentiate(VjpContext context)
        {
            if (context.CreatesGraph && _savesIntermediates)
                throw new TapeException($"{Name}: saved a tensor that is neither operand nor result, so its backward pass cannot be differentiated again. Save operands and recompute.");
            _context.Open(context);
            Tensor?[] gradients = Function.Backward(_context, context.G);
            _context.Open(null);
            if (gradients.Length != context.InputCount)
                throw new TapeException($"{Name}: Backward returned {gradients.Length} gradients for {context.InputCount} operands. Return one per operand, null where none is needed.");
            for (int i = 0; i < gradients.Length; i++)
            {
                if (!context.Needs(i)) continue;
                Tensor gradient = gradients[i] ?? throw new TapeException($"{Name}: Backward returned no gradient for operand {i}, which needs one. Return zeros if it is constant.");
                if (gradient.Shape != context.InputShape(i))
                    throw new ShapeException($"{Name}: Backward returned {gradient.Shape} for operand {i}, whose shape is {context.InputShape(i)}.");
                context.Set(i, gradient);
            }
        }

        private InvalidOperationException OnlyThroughApply() => new($"{Name}: a custom function runs only through Apply.");
    }
}
