using System.Text.Json.Serialization;

namespace Gradwright.Training;

/// <summary>Reports as JSON, with code that is generated when this is compiled.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TrainingReport))]
[JsonSerializable(typeof(EpochView))]
[JsonSerializable(typeof(Dictionary<string, TensorHistogram>), TypeInfoPropertyName = "Gradients")]
internal sealed partial class ReportJson : JsonSerializerContext;
