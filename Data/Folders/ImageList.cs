namespace Gradwright.Data;

/// <summary>
/// Pictures of a list: a text file with a picture's path and its label on each line, between them a tab, a comma or a space, as sets in the manner of ImageNet and Places come. Paths are those
/// in a folder, also where they begin with '/'; none leads out of it. Labels are numbers, or the classes' names.
/// </summary>
/// <example><code>
/// // places365_train_standard.txt: /a/airfield/00000001.jpg 0
/// var train = new ImageList("places365_train_standard.txt", "data_large", options);
/// // ILSVRC2012_validation_ground_truth.txt: a label on each line, for the pictures in the order of their names
/// ImageList held = ImageList.InOrder("ILSVRC2012_validation_ground_truth.txt", "val", options, new() { FirstLabel = 1 });
/// </code></example>
public sealed class ImageList : ImageFiles
{
    /// <summary>Opens the pictures of a list with paths and labels.</summary>
    /// <param name="list">The text file.</param>
    /// <param name="folder">Where the pictures are.</param>
    /// <param name="options">What samples are made of them.</param>
    /// <param name="listOptions">How to read the list; null: as the default says.</param>
    /// <exception cref="FileNotFoundException">There is no such list.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="ImageListException">A line is wrong, whatever is to be done about broken pictures; the message has its number.</exception>
    /// <exception cref="FormatException">There are no pictures, or one is missing or broken and not to be skipped.</exception>
    /// <exception cref="DllNotFoundException">There are JPEG files, and libjpeg-turbo is not installed.</exception>
    public ImageList(string list, string folder, ImageFolderOptions options, ImageListOptions? listOptions = null)
        : base(ImageListFile.Read(list, folder, listOptions ?? new()), ImageFolderOptions.Checked(options, nameof(ImageList)))
    {
    }

    private ImageList(ImageListing listing, ImageFolderOptions options) : base(listing, options)
    {
    }

    /// <summary>Opens all pictures of a folder, to which a list has only the labels: line by line those of the files in the order of their names (by Unicode code units).</summary>
    /// <inheritdoc cref="ImageList(string, string, ImageFolderOptions, ImageListOptions)"/>
    public static ImageList InOrder(string list, string folder, ImageFolderOptions options, ImageListOptions? listOptions = null)
        => new(ImageListFile.ReadLabels(list, folder, listOptions ?? new()), ImageFolderOptions.Checked(options, nameof(ImageList)));
}
