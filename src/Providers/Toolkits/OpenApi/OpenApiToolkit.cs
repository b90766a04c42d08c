using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Apis;
using Cluster.Providers.Toolkits.Http;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Toolkits.OpenApi;

/// <summary>Any API that an OpenAPI 3 document describes: a tool for each operation.</summary>
public static class OpenApiToolkit
{
    /// <summary>Makes the toolkit. Nothing is connected to yet.</summary>
    /// <param name="options">The document and how the API is called.</param>
    /// <returns>The toolkit.</returns>
    /// <exception cref="InvalidRequestException">The document cannot be used, or an operation that is named is not in it.</exception>
    public static Toolkit Create(OpenApiToolkitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var reader = new OpenApiReader(OpenApiDocument.Parse(options.Document));
        var keyHeader = options.ApiKeyHeader ?? reader.KeyHeader() ?? "X-API-Key";
        var client = new ApiClient(
            ApiAddress.Of(options.Name, options.BaseUrl, options.BaseUrl ?? reader.ServerUrl()),
            [.. Keys(options, keyHeader)],
            new FetchLimits { Timeout = options.Timeout, MaxBytes = 4 * 1024 * 1024 });
        var operations = Choose([.. reader.Operations([options.ApiKey is null ? null : keyHeader, options.IdempotencyHeader])], options);
        var names = new HashSet<string>(StringComparer.Ordinal);
        return new Toolkit
        {
            Name = options.Name,
            IsForeign = true,
            Tools = [.. operations.Select(operation => Tool.Create(
                new OperationFunction(operation, client, options, ToolNames.Claim(names, options.Prefix + operation.Id)), new ToolOptions { Effect = EffectOf(operation, options) }))],
        };
    }

    private static ToolEffect EffectOf(OpenApiOperation operation, OpenApiToolkitOptions options) =>
        operation.OnlyReads ? ToolEffect.Pure : options.IdempotencyHeader is null ? ToolEffect.Once : ToolEffect.Keyed;

    private static IEnumerable<KeyValuePair<string, string>> Keys(OpenApiToolkitOptions options, string keyHeader)
    {
        if (options.BearerToken is { } token)
        {
            yield return new("Authorization", $"Bearer {token}");
        }

        if (options.ApiKey is { } key)
        {
            yield return new(keyHeader, key);
        }
    }

    private static IEnumerable<OpenApiOperation> Choose(ImmutableArray<OpenApiOperation> operations, OpenApiToolkitOptions options)
    {
        if (options.Include.Concat(options.Exclude).FirstOrDefault(id => operations.All(operation => operation.Id != id)) is { } unknown)
        {
            throw new InvalidRequestException($"The API '{options.Name}' has no operation '{unknown}' that could be called. It has: {string.Join(", ", operations.Select(operation => operation.Id))}.");
        }

        return operations.Where(operation => (options.Include.IsEmpty || options.Include.Contains(operation.Id)) && !options.Exclude.Contains(operation.Id));
    }

    private sealed class OperationFunction(OpenApiOperation operation, ApiClient client, OpenApiToolkitOptions options, string name) : AIFunction
    {
        public override string Name => name;

        public override string Description => operation.Description;

        public override JsonElement JsonSchema => operation.Arguments;

        protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            var values = arguments.ToDictionary(argument => argument.Key, argument => argument.Value is JsonElement json ? json : JsonSerializer.SerializeToElement(argument.Value), StringComparer.Ordinal);
            var request = new OpenApiCall(operation, values).ToRequest();
            if (!operation.OnlyReads && options.IdempotencyHeader is { } header && (arguments.Context?[typeof(RunContext)] as RunContext)?.IdempotencyKey is { } key)
            {
                request = request with { Headers = request.Headers.Add(new(header, key)) };
            }

            var answer = await client.SendAsync(request, cancellationToken);
            return answer.Length == 0 ? "Done. The answer is empty." : BoundedRead.Shorten(answer, options.MaxLetters, "Ask for less.");
        }
    }
}
