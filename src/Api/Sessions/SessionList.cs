using Cluster.Api.Errors;
using Cluster.Api.Json;
using Cluster.Api.Validation;
using Cluster.Engine.Limits;
using Cluster.Engine.Sessions;

namespace Cluster.Api.Sessions;

/// <summary>Lists sessions, one page at a time.</summary>
/// <param name="sessions">The sessions.</param>
/// <param name="scopes">Reads what a request is about.</param>
internal sealed class SessionList(ISessionStore sessions, SessionScopes scopes)
{
    private const int DefaultLimit = 20;

    public async Task<Page<SessionResponse>> ReadAsync(IQueryCollection query, CancellationToken cancellationToken)
    {
        var fields = TextFields.Of(query);
        var limit = Math.Min(fields.Number("limit", least: 1) ?? DefaultLimit, FieldLimits.Entries);
        var page = fields.Number("page", least: 0) ?? 1;
        var isDescending = fields.Choice("sort_order", ("asc", false), ("desc", true)) ?? true;
        var scope = SessionScopes.Read(fields);
        if (scopes.Check(fields) is { } refusal)
        {
            // AgentOS answers every refusal of this route with 404 and puts the real status into the text; clients take a 404 for an empty list.
            throw ApiException.NotFound($"{refusal.StatusCode}: {refusal.Message}");
        }

        var (sortBy, isKnown) = ToSort(fields.Text("sort_by"));
        var found = await sessions.ListAsync(
            new SessionQuery
            {
                SessionType = scope.Type,
                UserId = scope.UserId,
                ComponentId = fields.Filter("component_id"),
                NameContains = fields.Text("session_name"),
                SortBy = sortBy,
                Descending = isDescending && isKnown,
                Offset = (int)Math.Min(int.MaxValue, Math.Max(0L, page - 1L) * limit),
                Limit = limit,
            },
            cancellationToken);
        return new Page<SessionResponse>([.. found.Sessions.Select(SessionResponse.Of)], PageMeta.Of(page, limit, found.TotalCount));
    }

    /// <summary>A column that does not exist sorts by nothing: the sessions come in the order of their creation.</summary>
    private static (SessionSort Sort, bool IsKnown) ToSort(string? column) => column switch
    {
        null or "created_at" => (SessionSort.CreatedAt, true),
        "updated_at" => (SessionSort.UpdatedAt, true),
        "session_id" => (SessionSort.SessionId, true),
        _ => (SessionSort.CreatedAt, false),
    };
}
