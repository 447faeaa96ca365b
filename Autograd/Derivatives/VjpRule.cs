namespace Gradwright;

/// <summary>One derivative: what it needs and how it is computed, per operand or for all of them together.</summary>
internal sealed class VjpRule
{
    private readonly (Saves Saves, Func<VjpContext, Tensor> Gradient)[] _perInput = [];
    private readonly Action<VjpContext>? _joint;
    private readonly Saves _jointSaves;

    /// <summary>One function per operand; only those that are needed run, and only what they need is saved.</summary>
    public VjpRule(params (Saves Saves, Func<VjpContext, Tensor> Gradient)[] perInput) => _perInput = perInput;

    /// <summary>One function that delivers all gradients.</summary>
    public VjpRule(Saves saves, Action<VjpContext> joint) => (_jointSaves, _joint) = (saves, joint);

    /// <param name="needs">Bit i: operand i needs a gradient.</param>
    public Saves SavesFor(uint needs)
    {
        if (_joint is not null) return _jointSaves;
        Saves saves = Saves.Nothing;
        for (int i = 0; i < _perInput.Length; i++)
            if ((needs >> i & 1) != 0) saves |= _perInput[i].Saves;
        return saves;
    }

    public void Run(VjpContext context)
    {
        if (_joint is not null)
        {
            _joint(context);
            return;
        }

        for (int i = 0; i < _perInput.Length; i++)
            if (context.Needs(i)) context.Set(i, _perInput[i].Gradient(context));
    }
}
