using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Mcp;

/// <summary>An MCP server, and how its tools are offered.</summary>
public sealed record McpToolkitOptions
{
    /// <summary>Gets what the server is called in messages and events, and the toolkit's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets where the server is: an <see cref="McpCommand"/> or an <see cref="McpAddress"/>.</summary>
    public required McpEndpoint Endpoint { get; init; }

    /// <summary>Gets the only tools to offer, by the server's names; empty for all.</summary>
    public ImmutableArray<string> Include { get; init; } = [];

    /// <summary>Gets the tools not to offer, by the server's names.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>Gets what the tools' names begin with, so that two servers do not get in each other's way. The default is nothing.</summary>
    public string Prefix { get; init; } = string.Empty;

    /// <summary>Gets what is added to the system message of agents that have the toolkit; null for nothing.</summary>
    public string? Instructions { get; init; }

    /// <summary>
    /// Gets what changes how a tool is handled. What it gets has the options that the server's hints ask for: a tool that only reads, or that may be called
    /// twice, is <see cref="ToolEffect.Pure"/>, any other <see cref="ToolEffect.Once"/>. Null to keep them.
    /// </summary>
    public Func<Tool, ToolOptions>? Configure { get; init; }

    /// <summary>Gets how long one call may take. The default is 30 seconds.</summary>
    public TimeSpan Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long the server may take to start and to tell its tools; half of it for servers that do not answer greetings of newer protocols. The default is one minute.</summary>
    public TimeSpan ConnectTimeout { get; init => field = Durations.Positive(value, nameof(ConnectTimeout)); } = TimeSpan.FromMinutes(1);

    /// <summary>Gets how many letters of an answer the model gets. The default is 50,000.</summary>
    public int MaxLetters { get; init; } = 50_000;

    /// <summary>Gets texts that are taken out of everything that the server says. Values of headers are taken out anyway.</summary>
    public ImmutableArray<string> Secrets { get; init; } = [];

    /// <summary>Names the type and the server only: the members hold secrets.</summary>
    /// <returns>The names.</returns>
    public override string ToString() => $"{nameof(McpToolkitOptions)} {Name}";
}

/// <summary>Where an MCP server is.</summary>
public abstract record McpEndpoint
{
    /// <summary>Gets what this process sends to it that nobody else may see.</summary>
    internal abstract IEnumerable<string> Secrets { get; }
}

/// <summary>A server that is started as a process and spoken to over its standard input and output. It ends with this process.</summary>
/// <param name="Line">The program and its arguments.</param>
public sealed record McpCommand(ImmutableArray<string> Line) : McpEndpoint
{
    /// <summary>Gets what is added to the process's environment, which otherwise has a few harmless variables only.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Gets where the process starts; null for where this one is.</summary>
    public string? WorkingDirectory { get; init; }

    internal override IEnumerable<string> Secrets => [];

    /// <summary>Names the program only: the rest may hold secrets.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"{nameof(McpCommand)} {Line.FirstOrDefault()}";
}

/// <summary>A server that is reached over streamable HTTP.</summary>
/// <param name="Url">Its address.</param>
public sealed record McpAddress(Uri Url) : McpEndpoint
{
    /// <summary>Gets what is sent with each request, for instance <c>Authorization</c>.</summary>
    public ImmutableDictionary<string, string> Headers { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// Gets what finds the token of a login, for each request anew; null, or an answer of null, to send none. While the server asks for a login, its tools are missing and
    /// clients get the event <c>auth_required</c>.
    /// </summary>
    public Func<CancellationToken, ValueTask<string?>>? FindTokenAsync { get; init; }

    /// <summary>Gets how each user logs in; null for servers that everybody uses alike.</summary>
    public McpLogin? Login { get; init; }

    internal override IEnumerable<string> Secrets => Headers.Values.SelectMany(value => new[] { value, value[(value.IndexOf(' ', StringComparison.Ordinal) + 1)..] })
        .Concat(Login?.ClientSecret is { } secret ? [secret] : []);

    /// <summary>Names the host only: the rest may hold secrets.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"{nameof(McpAddress)} {Url.Host}";
}
