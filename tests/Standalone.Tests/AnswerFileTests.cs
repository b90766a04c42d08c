using Cluster.Engine.Errors;
using Microsoft.Extensions.Options;

namespace Cluster.Standalone.Tests;

/// <summary>Answers that an agent writes to files.</summary>
public sealed class AnswerFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("answers").FullName;

    private string Answers => Path.Combine(_directory, "answers");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_answer_is_written_below_the_directory_whatever_callers_call_their_session()
    {
        var definitions = Path.Combine(_directory, "agents.yaml");
        await File.WriteAllTextAsync(
            definitions,
            "agents: [{name: Ann Smith, model: {scripted: {text: All is well.}}, save_response_to_file: '{name}/{session_id}.md'}]",
            TestContext.Current.CancellationToken);
        await using var server = await ServerProcess.StartInAsync(
            new Dictionary<string, string> { ["Standalone__Answers"] = Answers }, "--url", "http://127.0.0.1:0", "--store", "memory:", "--definitions", definitions);

        await server.Client.PostForJsonAsync("/agents/ann-smith/runs", ("message", "how?"), ("stream", "false"), ("session_id", "../../etc/passwd"));

        var file = Assert.Single(Directory.GetFiles(_directory, "*.md", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(Answers, "Ann_Smith", "_.._etc_passwd.md"), file);
        Assert.Equal("All is well.", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("../outside.md")]
    [InlineData("a/../../outside.md")]
    [InlineData("/tmp/outside.md")]
    public async Task A_path_that_leads_out_of_the_directory_is_refused(string path)
    {
        var answers = new AnswerDirectory(Options.Create(new StandaloneOptions { Answers = Answers }));

        await Assert.ThrowsAsync<InvalidRequestException>(async () => await answers.WriteAsync(path, "text", TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFiles(_directory, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_answer_that_is_written_again_replaces_the_first()
    {
        var answers = new AnswerDirectory(Options.Create(new StandaloneOptions { Answers = Answers }));

        await answers.WriteAsync("a/b.md", "one", TestContext.Current.CancellationToken);
        await answers.WriteAsync("a/b.md", "two", TestContext.Current.CancellationToken);

        Assert.Equal("two", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Answers, "*", SearchOption.AllDirectories)), TestContext.Current.CancellationToken));
    }
}
