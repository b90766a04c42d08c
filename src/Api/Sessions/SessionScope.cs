using Cluster.Api.Errors;
using Cluster.Api.Validation;
using Cluster.Engine.Sessions;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Sessions;

/// <summary>Which sessions a request is about.</summary>
/// <param name="Type">Their kind; null for any.</param>
/// <param name="UserId">Their user; null for any.</param>
internal sealed record SessionScope(SessionType? Type, string? UserId)
{
    public bool Fits(SessionRecord session) => UserId is null || session.UserId == UserId;
}

/// <summary>Reads which sessions a request is about, and refuses databases and tables that do not exist: there is exactly one.</summary>
/// <param name="options">Names database and table.</param>
internal sealed class SessionScopes(IOptions<AgentOsOptions> options)
{
    public SessionScope Read(IQueryCollection query)
    {
        var fields = TextFields.Of(query);
        var scope = Read(fields);
        return Check(fields) is { } refusal ? throw refusal : scope;
    }

    /// <summary>Reads kind and user only.</summary>
    public static SessionScope Read(TextFields fields)
    {
        var type = fields.Choice("type", ("agent", SessionType.Agent), ("team", SessionType.Team), ("workflow", SessionType.Workflow));
        fields.ThrowIfInvalid();
        return new SessionScope(type, fields.Filter("user_id"));
    }

    /// <summary>Says what is wrong with the database that a request names.</summary>
    /// <returns>The refusal; null when nothing is wrong.</returns>
    public ApiException? Check(TextFields fields) => (fields.Text("db_id"), fields.Text("table")) switch
    {
        (null, not null) => ApiException.BadRequest("The db_id query parameter is required when passing a table"),
        ({ } id, _) when id != options.Value.DatabaseId => ApiException.NotFound($"No database found with id '{id}'"),
        ({ } id, { } table) when table != options.Value.Tables.Sessions => ApiException.NotFound($"No database with id '{id}' has table '{table}'"),
        _ => null,
    };
}
