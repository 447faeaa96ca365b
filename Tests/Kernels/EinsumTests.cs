using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

/// <summary>Einstein's convention, against one loop over all labels.</summary>
public sealed class EinsumTests
{
    private static readonly Dictionary<char, int> _lengths = new() { ['a'] = 3, ['b'] = 2, ['i'] = 4, ['j'] = 5, ['k'] = 3, ['l'] = 2, ['z'] = 1 };

    [TestCase("ij,jk->ik")]
    [TestCase("bij,bjk->bik")]
    [TestCase("bij,bkj->ibk")]
    [TestCase("ij->ji")]
    [TestCase("ij->j")]
    [TestCase("ij->")]
    [TestCase("ii->")]
    [TestCase("ii->i")]
    [TestCase("ibi,jb->ji")]
    [TestCase("iii,j->ij")]
    [TestCase("i,j->ij")]
    [TestCase("i,i->i")]
    [TestCase("i,i->")]
    [TestCase("ij,ij->i")]
    [TestCase("ai,bj->")]
    [TestCase("abij,jkab->bik")]
    [TestCase("ij,jk,kl->il")]
    [TestCase("ai,aj,ak->ijk")]
    [TestCase("zi,zj->ijz")]
    [TestCase("abi , bj -> jai")]
    [TestCase("a,->a")]
    public void Equations_agree_with_loops(string equation)
    {
        using TensorScope scope = new();
        string[] sides = equation.Replace(" ", "").Split("->"), inputs = sides[0].Split(',');
        Tensor[] x = [.. inputs.Select((labels, i) => Tensor.Normal(Shape.Create([.. labels.Select(c => (long)_lengths[c])]), new Generator((ulong)i), dtype: DType.Float64))];
        Tensor y = Tensor.Einsum(equation, x);
        Assert.That(y.Shape, Is.EqualTo(Shape.Create([.. sides[1].Select(c => (long)_lengths[c])])));
        double[] expected = Loop(inputs, [.. x.Select(t => t.ToArray<double>())], sides[1]);
        Assert.That(y.ToArray<double>(), Is.EqualTo(expected).Within(1e-12));
        GradCheck.Assert(t => Tensor.Einsum(equation, t), x);
    }

    [Test]
    public void An_ellipsis_stands_for_dimensions_that_broadcast()
    {
        using TensorScope scope = new();
        Generator g = new(1);
        Tensor a = Tensor.Normal([3, 1, 4, 5], g), b = Tensor.Normal([2, 5, 6], g);
        Tensor y = Tensor.Einsum("...ij,...jk->...ik", a, b), expected = a.MatMul(b);
        Assert.That(y.Shape, Is.EqualTo(Shape.Create(3, 2, 4, 6)));
        Assert.That(y.ToArray<float>(), Is.EqualTo(expected.ToArray<float>()).Within(1e-5));
        Assert.That(Tensor.Einsum("i...->...", b).ToArray<float>(), Is.EqualTo(b.Sum(0).ToArray<float>()).Within(1e-5));
        Assert.That(Tensor.Einsum("...->", a).ToDouble(), Is.EqualTo(a.Sum().ToDouble()).Within(1e-4));
    }

    [Test]
    public void Without_an_arrow_letters_that_occur_once_make_the_result()
    {
        using TensorScope scope = new();
        Tensor a = Tensor.Normal([2, 3], new Generator(1)), b = Tensor.Normal([3, 4], new Generator(2));
        Assert.That(Tensor.Einsum("kj,ji", a, b).ToArray<float>(), Is.EqualTo(a.MatMul(b).Transpose().ToArray<float>()).Within(1e-5));
        Assert.That(Tensor.Einsum("ba", a).Shape, Is.EqualTo(Shape.Create(3, 2)));
    }

    [TestCase("ij,jk->ik->", "more than one arrow")]
    [TestCase("ij->ik", "names 1 operand(s), but 2")]
    [TestCase("ij,j2->i", "'2'")]
    [TestCase("ij,jk->iq", "'q'")]
    [TestCase("ij,jk->ii", "'i' twice")]
    [TestCase("ij,......j->i", "'.'")]
    public void Equations_that_cannot_be_read_say_why(string equation, string reason)
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([2, 2]);
        Assert.That(() => Tensor.Einsum(equation, x, x), Throws.ArgumentException.With.Message.Contains(reason).And.Message.Contains(equation));
    }

    [Test]
    public void Lengths_that_do_not_fit_are_named()
    {
        using TensorScope scope = new();
        Tensor a = Tensor.Zeros([2, 3]), b = Tensor.Zeros([4, 5]);
        Assert.That(() => Tensor.Einsum("ij,jk->ik", a, b), Throws.TypeOf<ShapeException>().With.Message.Contains("'j' is 4 long in operand 1 [4, 5], but 3 before"));
        Assert.That(() => Tensor.Einsum("ijk,jk->i", a, b), Throws.TypeOf<ShapeException>().With.Message.Contains("'ijk'").And.Message.Contains("[2, 3]"));
        Assert.That(() => Tensor.Einsum("ii->i", a), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void Diagonals_start_at_an_offset()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Arange(0, 12).Reshape(3, 4);
        Assert.That(x.Diagonal().ToArray<float>(), Is.EqualTo([0f, 5, 10]));
        Assert.That(x.Diagonal(2).ToArray<float>(), Is.EqualTo([2f, 7]));
        Assert.That(x.Diagonal(-1).ToArray<float>(), Is.EqualTo([4f, 9]));
        Assert.That(x.Diagonal(1, 1, 0).ToArray<float>(), Is.EqualTo([4f, 9]));
        Assert.That(x.Diagonal(7).Count, Is.Zero);
        Assert.That(() => x.Diagonal(0, 1, -1), Throws.TypeOf<ShapeException>());
    }

    private static double[] Loop(string[] inputs, double[][] x, string output)
    {
        char[] labels = [.. string.Concat(inputs).Distinct()];
        double[] y = new double[output.Aggregate(1, (n, c) => n * _lengths[c])];
        Dictionary<char, int> at = [];
        Sum(0);
        return y;

        void Sum(int depth)
        {
            if (depth == labels.Length)
            {
                double product = 1;
                for (int i = 0; i < x.Length; i++) product *= x[i][Place(inputs[i])];
                y[Place(output)] += product;
                return;
            }

            for (at[labels[depth]] = 0; at[labels[depth]] < _lengths[labels[depth]]; at[labels[depth]]++) Sum(depth + 1);
        }

        int Place(string of) => of.Aggregate(0, (place, c) => place * _lengths[c] + at[c]);
    }
}
