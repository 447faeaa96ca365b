using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>The real data sets, in the folder that GRADWRIGHT_DATA names, as far as they are there; tests of others are skipped.</summary>
internal static class RealData
{
    private const string Variable = "GRADWRIGHT_DATA";

    /// <summary>The path of a file or folder in it.</summary>
    public static string Find(string name)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder) Assert.Ignore($"{Variable} names no folder of data sets");
        else if (Path.Combine(folder, name) is var path && Path.Exists(path)) return path;
        Assert.Ignore($"{name} is not in the folder that {Variable} names");
        return "";
    }
}
