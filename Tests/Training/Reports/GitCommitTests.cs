using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Repositories as Git lays them out.</summary>
public sealed class GitCommitTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";

    [Test]
    public void A_branch_is_found_from_any_folder_below()
    {
        using TemporaryFolder folder = new();
        Write(folder[".git/HEAD"], "ref: refs/heads/topic/a\n");
        Write(folder[".git/refs/heads/topic/a"], $"{Hash}\n");
        Directory.CreateDirectory(folder["x/y"]);
        Assert.That(GitCommit.Of(folder["x/y"]), Is.EqualTo($"{Hash} (topic/a)"));
    }

    [Test]
    public void Packed_branches_detached_heads_and_work_trees_are_read()
    {
        using TemporaryFolder folder = new();
        Write(folder[".git/HEAD"], "ref: refs/heads/main");
        Write(folder[".git/packed-refs"], $"# pack-refs with: peeled\nffff refs/heads/other\n{Hash} refs/heads/main\n");
        Assert.That(GitCommit.Of(folder.Path), Is.EqualTo($"{Hash} (main)"));
        Write(folder["tree/.git"], "gitdir: ../.git/worktrees/tree\n");
        Write(folder[".git/worktrees/tree/HEAD"], "ref: refs/heads/main\n");
        Write(folder[".git/worktrees/tree/commondir"], "../..\n");
        Assert.That(GitCommit.Of(folder["tree"]), Is.EqualTo($"{Hash} (main)"));
        Write(folder[".git/worktrees/tree/HEAD"], $"{Hash}\n");
        Assert.That(GitCommit.Of(folder["tree"]), Is.EqualTo(Hash));
    }

    [Test]
    public void A_repository_without_commits_or_that_is_damaged_is_none()
    {
        using TemporaryFolder folder = new();
        Write(folder[".git/HEAD"], "ref: refs/heads/main");
        Assert.That(GitCommit.Of(folder.Path), Is.Null);
        Write(folder["sub/.git"], "gitdir: nowhere");
        Assert.That(GitCommit.Of(folder["sub"]), Is.Null);
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
