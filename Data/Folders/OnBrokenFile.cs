namespace Gradwright.Data;

/// <summary>What to do about files, and class folders, that cannot be read.</summary>
public enum OnBrokenFile
{
    /// <summary>
    /// Say which it is and stop: a folder, an empty file or one of another format when the folder is opened, a damaged one when it is reached. Opening looks at the
    /// first bytes of each file only.
    /// </summary>
    Refuse,

    /// <summary>
    /// Leave them out, and name each with its reason in the summary. Opening decodes every file once to find them. A class whose folder cannot be read stays a class, without
    /// pictures: the labels of the others are what they would be with it.
    /// </summary>
    Skip,
}
