namespace Gradwright.Data;

/// <summary>A sample could not be transformed on its way into a batch. The message names the sample, its epoch and the transform; the cause is the inner exception.</summary>
public sealed class SampleException(string message, Exception innerException) : Exception(message, innerException);
