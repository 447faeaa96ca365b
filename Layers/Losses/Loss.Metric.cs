namespace Gradwright.Layers;

public static partial class Loss
{
    /// <summary>
    /// max(0, D(anchor, positive) − D(anchor, negative) + margin) with the distance D of order p, of vectors in the last dimension
    /// (Schroff et al., "FaceNet", 2015; Weinberger and Saul 2009).
    /// </summary>
    /// <remarks>PyTorch adds 1e-6 to every difference; here the gradient at distance 0 is 0 instead.</remarks>
    /// <param name="anchor">[n, …, features].</param>
    /// <param name="positive">What shall be nearer, of the same shape.</param>
    /// <param name="negative">What shall be farther, of the same shape.</param>
    /// <param name="margin">By how much.</param>
    /// <param name="p">Order of the distance; 2 is Euclid's.</param>
    /// <param name="swap">Whether the positive's distance from the negative counts instead where it is smaller (Balntas et al. 2016).</param>
    /// <param name="reduction">Mean over the triplets by default.</param>
    public static Tensor Triplet(Tensor anchor, Tensor positive, Tensor negative, double margin = 1, double p = 2, bool swap = false, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape(nameof(Triplet), "anchors", anchor, "positives", positive);
        RequireSameShape(nameof(Triplet), "anchors", anchor, "negatives", negative);
        using TensorScope scope = new();
        Tensor near = (anchor - positive).Norm(-1, p), far = (anchor - negative).Norm(-1, p);
        if (swap) far = far.Minimum((positive - negative).Norm(-1, p));
        return TensorScope.Keep(Reduce((near - far + margin).Relu(), reduction));
    }

    /// <summary>
    /// D²/2 for similar pairs, max(0, margin − D)²/2 for others, with Euclid's distance D of vectors in the last dimension
    /// (Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping", 2006).
    /// </summary>
    /// <param name="first">[n, features].</param>
    /// <param name="second">The same shape.</param>
    /// <param name="similar">1 for similar pairs, 0 for others, [n], in the vectors' element type.</param>
    /// <param name="margin">Pairs that are not similar shall be so far apart.</param>
    /// <param name="reduction">Mean over the pairs by default.</param>
    public static Tensor Contrastive(Tensor first, Tensor second, Tensor similar, double margin = 1, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape(nameof(Contrastive), "the first vectors", first, "the second", second);
        using TensorScope scope = new();
        Tensor distance = (first - second).Norm(-1);
        RequirePerSample(nameof(Contrastive), similar, distance, "1 for similar and 0 for other vectors,");
        return TensorScope.Keep(Reduce(0.5 * (similar * distance.Square() + (1 - similar) * (margin - distance).Relu().Square()), reduction));
    }

    /// <summary>1 − cos for pairs with target 1, max(0, cos − margin) for those with −1, with the cosine of the angle between vectors in the last dimension.</summary>
    /// <param name="first">[n, features].</param>
    /// <param name="second">The same shape.</param>
    /// <param name="targets">1 or −1, [n], in the vectors' element type.</param>
    /// <param name="margin">A cosine up to this costs nothing where vectors shall differ.</param>
    /// <param name="reduction">Mean over the pairs by default.</param>
    public static Tensor CosineEmbedding(Tensor first, Tensor second, Tensor targets, double margin = 0, Reduction reduction = Reduction.Mean)
    {
        RequireSameShape(nameof(CosineEmbedding), "the first vectors", first, "the second", second);
        using TensorScope scope = new();
        Tensor cosine = first.CosineSimilarity(second);
        RequirePerSample(nameof(CosineEmbedding), targets, cosine, "1 for similar and −1 for other vectors,");
        return TensorScope.Keep(Reduce(Tensor.Where(targets > 0, 1 - cosine, (cosine - margin).Relu()), reduction));
    }

    /// <summary>
    /// The cross-entropy of finding each query's own key among all keys, by cosine over temperature (van den Oord, Li and Vinyals, "Representation learning with
    /// contrastive predictive coding", 2018).
    /// </summary>
    /// <param name="queries">[n, features].</param>
    /// <param name="keys">The same shape; key i belongs to query i.</param>
    /// <param name="temperature">Small ones look at the nearest keys only.</param>
    /// <param name="reduction">Mean over the queries by default.</param>
    public static Tensor InfoNce(Tensor queries, Tensor keys, double temperature = 0.07, Reduction reduction = Reduction.Mean)
    {
        RequirePairs(nameof(InfoNce), queries, keys, temperature);
        using TensorScope scope = new();
        Tensor logits = queries.Normalized().MatMul(keys.Normalized().Transpose()) * (1 / temperature);
        return TensorScope.Keep(logits.CrossEntropy(Tensor.Arange(queries.Shape[0]).To(logits.Accelerator), reduction: reduction));
    }

    /// <summary>
    /// The cross-entropy of finding, for each of 2n vectors, its partner among the 2n − 1 others, by cosine over temperature
    /// (Chen et al., "A simple framework for contrastive learning of visual representations", 2020).
    /// </summary>
    /// <param name="first">[n, features]: one view of each sample.</param>
    /// <param name="second">The same shape: the other view.</param>
    /// <param name="temperature">Small ones look at the nearest vectors only.</param>
    /// <param name="reduction">Mean over the 2n vectors by default.</param>
    public static Tensor NtXent(Tensor first, Tensor second, double temperature = 0.5, Reduction reduction = Reduction.Mean)
    {
        RequirePairs(nameof(NtXent), first, second, temperature);
        using TensorScope scope = new();
        long n = first.Shape[0];
        Tensor z = Tensor.Concat([first, second]).Normalized(), own = Tensor.Eye(2 * n).To(z.Accelerator) > 0;
        Tensor logits = (z.MatMul(z.Transpose()) * (1 / temperature)).MaskedFill(own, double.NegativeInfinity);
        return TensorScope.Keep(logits.CrossEntropy(Tensor.Arange(2 * n).Roll(n, 0).To(z.Accelerator), reduction: reduction));
    }

    private static void RequirePairs(string operation, Tensor first, Tensor second, double temperature)
    {
        RequirePositive(operation, nameof(temperature), temperature);
        RequireSameShape(operation, "the first vectors", first, "the second", second);
        if (first.Rank != 2) throw new ShapeException($"{operation}: vectors {first.Shape} must be [n, features]. Reshape them.");
    }

    /// <summary>Vectors of length 1 in the last dimension.</summary>
    private static Tensor Normalized(this Tensor x) => x / x.Norm(-1, keepDimensions: true).Maximum(1e-12);
}
