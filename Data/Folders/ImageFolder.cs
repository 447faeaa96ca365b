namespace Gradwright.Data;

/// <summary>
/// Pictures in class folders: every folder in the given one is a class, and its pictures are samples with its number as label. Classes and files are ordered by name (by Unicode code units,
/// so the same on every machine).
/// </summary>
/// <example><code>
/// var pictures = new ImageFolder("photos", new() { Width = 64, Height = 64, Fit = PictureFit.CropCentre, OnBroken = OnBrokenFile.Skip });
/// Console.WriteLine(pictures.Summary);
/// using var loader = new DataLoader(pictures, batchSize: 32, shuffleSeed: 1);
/// </code></example>
public sealed class ImageFolder : ImageFiles
{
    /// <summary>Opens a folder.</summary>
    /// <param name="folder">It holds one folder for each class.</param>
    /// <param name="options">What samples are made of its pictures; <see cref="ImageFolderOptions.Nested"/> says whether folders in class folders are looked into.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">The folder, or a class folder that is not to be skipped, cannot be read; the message says which and why.</exception>
    /// <exception cref="FormatException">There are no class folders or no pictures, or a file is broken and not to be skipped.</exception>
    /// <exception cref="DllNotFoundException">There are JPEG files, and libjpeg-turbo is not installed.</exception>
    public ImageFolder(string folder, ImageFolderOptions options) : base(ClassFolders.Find(folder, ImageFolderOptions.Checked(options, nameof(ImageFolder)).Nested), options)
    {
    }
}
