namespace Gradwright.Data;

/// <summary>The element types of the idx format, with the codes its header uses.</summary>
public enum IdxType
{
    UInt8 = 0x08,
    Int8 = 0x09,
    Int16 = 0x0B,
    Int32 = 0x0C,
    Float32 = 0x0D,
    Float64 = 0x0E,
}
