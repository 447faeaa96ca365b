using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Gradwright;

/// <summary>Moves the row-major little-endian bytes of tensors between an accelerator and files, in pieces that stay in the cache.</summary>
internal static unsafe class TensorBytes
{
    private const int PieceLength = 256 << 10;

    /// <summary>Writes the elements of a tensor of any layout in row-major order.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceLength);
        Write(stream, tensor, tensor.Layout, piece);
        ArrayPool<byte>.Shared.Return(piece);
    }

    /// <summary>Fills a fresh tensor with the bytes at a position of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="position">Where the tensor's bytes begin.</param>
    /// <param name="tensor">A contiguous tensor.</param>
    /// <param name="check">Sees each piece and where it begins, before it becomes part of the tensor.</param>
    /// <returns>Bytes read: fewer than the tensor has if the file ends before.</returns>
    public static long Read(SafeFileHandle file, long position, Tensor tensor, Action<ReadOnlySpan<byte>, long>? check = null)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceLength);
        long length = tensor.Count * tensor.DType.Size, done = 0;
        fixed (byte* p = piece)
        {
            while (done < length)
            {
                Span<byte> wanted = piece.AsSpan(0, (int)Math.Min(PieceLength, length - done));
                int read = RandomAccess.Read(file, wanted, position + done);
                if (read == 0) break;
                check?.Invoke(wanted[..read], done);
                tensor.Accelerator.CopyFromHost(p, tensor.Buffer, tensor.Layout.Offset * tensor.DType.Size + done, read);
                done += read;
            }
        }

        ArrayPool<byte>.Shared.Return(piece);
        tensor.Buffer.BumpVersion();
        return done;
    }

    private static void Write(Stream stream, Tensor tensor, Layout layout, byte[] piece)
    {
        if (layout.Count == 0) return;
        int size = tensor.DType.Size;
        long bytes = layout.Count * size;
        if (bytes <= PieceLength)
        {
            fixed (byte* p = piece) tensor.Accelerator.GatherToHost(tensor.Buffer, layout, size, p);
            GC.KeepAlive(tensor);
            stream.Write(piece, 0, (int)bytes);
            return;
        }

        long rows = layout.Shape.Span[0], rowsPerPiece = PieceLength / (bytes / rows);
        if (rowsPerPiece == 0)
            for (long i = 0; i < rows; i++) Write(stream, tensor, layout.Select(0, i), piece);
        else
            for (long i = 0; i < rows; i += rowsPerPiece)
                Write(stream, tensor, layout.Slice(0, i, Math.Min(rowsPerPiece, rows - i), 1), piece);
    }
}
