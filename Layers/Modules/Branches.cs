using System.Collections;

namespace Gradwright.Layers;

/// <summary>Modules that all get the same input, and whose results are joined (Szegedy et al. 2015). State names are the positions: <c>0.weight</c>.</summary>
public sealed class Branches : Module<Tensor, Tensor>, IReadOnlyList<Module<Tensor, Tensor>>
{
    [StateName("")]
    private readonly List<Module<Tensor, Tensor>> _branches = [];
    private readonly BranchJoin _join;
    private readonly int _axis;

    /// <summary>Joins by concatenation along dimension 1, the channels.</summary>
    public Branches(params IEnumerable<Module<Tensor, Tensor>> branches) : this(BranchJoin.Concatenate, 1, branches) { }

    /// <summary>Joins as asked for.</summary>
    /// <param name="join">How the results become one; all but <see cref="BranchJoin.Concatenate"/> need equal shapes.</param>
    /// <param name="axis">The dimension of a concatenation.</param>
    /// <param name="branches">The modules, one or more.</param>
    public Branches(BranchJoin join, int axis, params IEnumerable<Module<Tensor, Tensor>> branches)
    {
        (_join, _axis) = (join, axis);
        _branches.AddRange(branches);
        if (_branches.IndexOf(null!) is >= 0 and int i) throw new ArgumentNullException(nameof(branches), $"Branches: branch {i} is null.");
        if (_branches.Count == 0) throw new ArgumentException("Branches: there is no branch. Give one or more modules.", nameof(branches));
    }

    /// <summary>Number of branches.</summary>
    public int Count => _branches.Count;

    /// <summary>Branch i.</summary>
    public Module<Tensor, Tensor> this[int index] => _branches[index];

    protected override Tensor ForwardCore(Tensor x)
    {
        if (_join == BranchJoin.Concatenate) return Tensor.Concat([.. _branches.Select(branch => branch.Forward(x))], _axis);
        Tensor sum = _branches[0].Forward(x);
        for (int i = 1; i < _branches.Count; i++)
        {
            Tensor next = _branches[i].Forward(x);
            if (next.Shape != sum.Shape)
                throw new ShapeException($"Branches: branch {i} makes {next.Shape}, but branch 0 {sum.Shape}; to be added up they must be equal. Concatenate them, or project one.");
            sum += next;
        }

        return _join == BranchJoin.Sum ? sum : sum / _branches.Count;
    }

    public IEnumerator<Module<Tensor, Tensor>> GetEnumerator() => _branches.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => _branches.GetEnumerator();
    public override string ToString() => $"Branches({_join}, {_axis}, {string.Join(", ", _branches)})";
}
