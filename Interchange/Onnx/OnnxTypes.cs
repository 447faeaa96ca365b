using Gradwright.Onnx;
using DataType = Gradwright.Onnx.TensorProto.Types.DataType;

namespace Gradwright;

/// <summary>The format's numbers for element types, and its descriptions of shapes.</summary>
internal static class OnnxTypes
{
    public static int NumberOf(DType dtype) => (int)(dtype switch
    {
        DType.Float32 => DataType.Float,
        DType.Float64 => DataType.Double,
        DType.Float16 => DataType.Float16,
        DType.BFloat16 => DataType.Bfloat16,
        DType.Int64 => DataType.Int64,
        DType.Int32 => DataType.Int32,
        DType.Int8 => DataType.Int8,
        DType.UInt8 => DataType.Uint8,
        _ => DataType.Bool,
    });

    public static ValueInfoProto Describe(string name, GraphValue value)
    {
        TensorShapeProto shape = new();
        foreach (long length in value.Shape) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = length });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = NumberOf(value.DType), Shape = shape } } };
    }
}
