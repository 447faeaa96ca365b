namespace OnnxCheck;

/// <summary>How a comparison ended.</summary>
/// <param name="Name">What was exported.</param>
/// <param name="Difference">max|a − b| / max|b| of the worst result; null if the export was refused.</param>
/// <param name="BatchDifference">The same with a dynamic batch and another length of it; null if that was refused.</param>
/// <param name="Text">Why it was refused, or what ONNX Runtime said.</param>
internal sealed record Outcome(string Name, double? Difference, double? BatchDifference, string Text = "")
{
    public bool IsBad => Difference is not (null or <= 1e-5) || BatchDifference is not (null or <= 1e-5);

    public override string ToString() => $"{(IsBad ? "BAD " : "    ")}{Name,-70} {Difference,8:E1} {BatchDifference,8:E1} {Text}";
}
