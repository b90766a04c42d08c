using System.Diagnostics;
using System.Globalization;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Shell;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class ShellToolkitTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_command_is_refused_unless_commands_are_allowed()
    {
        var shell = ShellToolkit.Create(new ShellToolkitOptions { Root = _directory.Path });

        await Assert.ThrowsAsync<ForbiddenException>(() => shell.CallAsync("run_shell_command", new { command = "touch a" }));

        Assert.False(_directory.Has("a"));
        Assert.Equal(ToolEffect.Once, shell.Tools[0].Options.Effect);
    }

    [Fact]
    public async Task A_command_starts_in_its_directory_and_gives_code_and_outputs()
    {
        var outcome = await Shell().CallForJsonAsync("run_shell_command", new { command = "pwd; echo oops >&2; exit 3" });

        Assert.Equal((3, "oops\n"), (outcome.GetProperty("exit_code").GetInt32(), outcome.Text("errors")));
        Assert.EndsWith(Path.GetFileName(_directory.Path) + "\n", outcome.Text("output"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_killed_with_all_that_it_started()
    {
        var shell = Shell(new ShellToolkitOptions { Root = _directory.Path, Timeout = TimeSpan.FromSeconds(1) });

        await Assert.ThrowsAsync<UnavailableException>(() => shell.CallAsync("run_shell_command", new { command = "sleep 600 & echo $! > child; wait" }));

        // A killed child that nobody has waited for yet may be there as a zombie for a moment, so its end is awaited.
        try
        {
            using var child = Process.GetProcessById(int.Parse(_directory.Read("child"), CultureInfo.InvariantCulture));
            await child.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
        catch (ArgumentException)
        {
            // It is gone.
        }
    }

    [Fact]
    public async Task A_command_that_leaves_something_in_the_background_answers_with_what_it_printed()
    {
        var shell = Shell(new ShellToolkitOptions { Root = _directory.Path, Timeout = TimeSpan.FromSeconds(20) });

        var outcome = await shell.CallForJsonAsync("run_shell_command", new { command = "sleep 600 & echo $! > child; echo started" });

        using var child = Process.GetProcessById(int.Parse(_directory.Read("child"), CultureInfo.InvariantCulture));
        child.Kill();
        Assert.Equal((0, "started\n"), (outcome.GetProperty("exit_code").GetInt32(), outcome.Text("output")));
    }

    [Fact]
    public async Task A_long_output_is_cut_and_the_command_goes_on()
    {
        var shell = Shell(new ShellToolkitOptions { Root = _directory.Path, MaxOutputBytes = 5 });

        var outcome = await shell.CallForJsonAsync("run_shell_command", new { command = "head -c 3000000 /dev/zero | tr '\\0' x; touch done" });

        Assert.Equal("xxxxx\n[Only the first 5 bytes were kept.]", outcome.Text("output"));
        Assert.True(_directory.Has("done"));
    }

    [Fact]
    public async Task With_a_list_of_commands_no_shell_interprets_the_line()
    {
        var shell = Shell(new ShellToolkitOptions { Root = _directory.Path, AllowedCommands = ["echo"] });

        var outcome = await shell.CallForJsonAsync("run_shell_command", new { command = "echo 'a b' \"c\\\"d\" e\\ f $HOME; touch x | cat > y" });

        Assert.Equal("a b c\"d e f $HOME; touch x | cat > y\n", outcome.Text("output"));
        Assert.Equal((false, false), (_directory.Has("x"), _directory.Has("y")));
    }

    [Theory]
    [InlineData("ls", "The program 'ls' is not allowed. Allowed are: echo.")]
    [InlineData("/bin/echo a", "The program '/bin/echo' is not allowed. Allowed are: echo.")]
    [InlineData("  ", "The command is empty. Give a program and its arguments.")]
    [InlineData("echo 'a", "The command has a quotation that does not end. Close it.")]
    public async Task A_line_that_is_not_allowed_is_refused_with_the_reason(string command, string message)
    {
        var shell = Shell(new ShellToolkitOptions { Root = _directory.Path, AllowedCommands = ["echo"] });

        var refusal = await Assert.ThrowsAnyAsync<EngineException>(() => shell.CallAsync("run_shell_command", new { command }));

        Assert.Equal(message, refusal.Message);
    }

    [Fact]
    public async Task A_command_sees_none_of_the_keys_in_this_processs_environment()
    {
        Environment.SetEnvironmentVariable("TOOLKIT_TEST_API_KEY", "very secret");

        var outcome = await Shell().CallForJsonAsync("run_shell_command", new { command = "env" });

        Assert.DoesNotContain("very secret", outcome.Text("output"), StringComparison.Ordinal);
        Assert.Contains("PATH=", outcome.Text("output"), StringComparison.Ordinal);
    }

    private Toolkit Shell(ShellToolkitOptions? options = null) => ShellToolkit.Create((options ?? new ShellToolkitOptions { Root = _directory.Path }) with { Allow = true });
}
