using Cluster.Api.Validation;
using Microsoft.AspNetCore.Http;

namespace Cluster.Api.Tests;

public sealed class JsonFieldsTests
{
    [Theory]
    [InlineData("""{"status":"maybe"}""", "name missing, status string_pattern_mismatch")]
    [InlineData("""{}""", "name missing, status missing")]
    [InlineData("""{"status":1}""", "name missing, status string_type")]
    [InlineData("""{"status":"approved"}""", "name missing")]
    public async Task A_refusal_names_all_that_does_not_fit_whatever_comes_first(string json, string expected)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        var fields = await JsonFields.ReadAsync(http.Request, isRequired: true);

        fields.RequiredText("name");
        fields.RequiredChoice("status", "approved", "rejected");

        var refusal = Assert.Throws<ValidationException>(fields.ThrowIfInvalid);
        Assert.Equal(expected, string.Join(", ", refusal.Items.Select(item => $"{item.Loc[^1]} {item.Type}")));
    }
}
