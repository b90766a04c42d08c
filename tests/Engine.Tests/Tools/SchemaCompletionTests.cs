using System.Text.Json;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Cluster.Engine.Tools.Schemas;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Tools;

/// <summary>Schemas of servers and documents, as vendors take them.</summary>
public sealed class SchemaCompletionTests
{
    private const string Nothing = """{"type":"object","properties":{}}""";

    [Theory]
    [InlineData("true", Nothing)]
    [InlineData("null", Nothing)]
    [InlineData("[]", Nothing)]
    [InlineData("\"object\"", Nothing)]
    [InlineData("{}", Nothing)]
    [InlineData("""{"type":"object"}""", Nothing)]
    [InlineData("""{"type":["object","null"]}""", Nothing)]
    [InlineData("""{"type":"string"}""", Nothing)]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", Nothing)]
    [InlineData("""{"type":"object","properties":null,"required":null}""", Nothing)]
    [InlineData("""{"type":"object","properties":[]}""", Nothing)]
    [InlineData("""{"type":"object","properties":{},"required":["ghost"]}""", """{"type":"object","properties":{},"required":[]}""")]
    [InlineData("""{"properties":{"a":{"type":"string"}},"required":true}""", """{"properties":{"a":{"type":"string"}},"type":"object"}""")]
    public void The_top_is_an_object(string schema, string expected) => Assert.Equal(expected, Complete(schema));

    [Theory]
    [InlineData("""{"type":"object"}""", """{"type":"object","properties":{}}""")]
    [InlineData("""{"type":["object","null"]}""", """{"type":["object","null"],"properties":{}}""")]
    [InlineData("""{"type":"array"}""", """{"type":"array","items":{}}""")]
    [InlineData("""{"type":["array","null"]}""", """{"type":["array","null"],"items":{}}""")]
    [InlineData("""{"type":"array","items":{"type":"array"}}""", """{"type":"array","items":{"type":"array","items":{}}}""")]
    [InlineData("""{"type":"array","items":{"type":"object"}}""", """{"type":"array","items":{"type":"object","properties":{}}}""")]
    [InlineData("""{"type":"array","items":true}""", """{"type":"array","items":{}}""")]
    [InlineData("""{"type":"array","items":[{"type":"string"},{"type":"object"}]}""", """{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"object","properties":{}}]}}""")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"}],"items":false}""", """{"type":"array","items":{"anyOf":[{"type":"string"}]}}""")]
    [InlineData("""{"items":{"type":"string"}}""", """{"items":{"type":"string"},"type":"array"}""")]
    [InlineData("""{"properties":{"b":{}}}""", """{"properties":{"b":{}},"type":"object"}""")]
    [InlineData("""{"enum":["x","y"]}""", """{"enum":["x","y"],"type":"string"}""")]
    [InlineData("true", "{}")]
    [InlineData("null", "{}")]
    [InlineData("""{"type":"STRING"}""", """{"type":"string"}""")]
    [InlineData("""{"type":"int"}""", """{"type":"integer"}""")]
    [InlineData("""{"type":"any","description":"d"}""", """{"description":"d"}""")]
    [InlineData("""{"type":[]}""", "{}")]
    [InlineData("""{"type":null,"enum":[],"description":null}""", "{}")]
    [InlineData("""{"type":"dict"}""", """{"type":"object","properties":{}}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"object"}}""", """{"type":"object","additionalProperties":{"type":"object","properties":{}}}""")]
    [InlineData("""{"type":"object","additionalProperties":false}""", """{"type":"object","additionalProperties":false,"properties":{}}""")]
    [InlineData("""{"anyOf":[{"type":"object"},true,{"type":"null"}]}""", """{"anyOf":[{"type":"object","properties":{}},{},{"type":"null"}]}""")]
    [InlineData("""{"$ref":"#/$defs/ghost","description":"d"}""", """{"description":"d"}""")]
    [InlineData("""{"$ref":"https://example.com/schema.json"}""", "{}")]
    [InlineData("""{"type":"object","properties":{"c":{"type":"string"}},"required":["c","ghost"]}""", """{"type":"object","properties":{"c":{"type":"string"}},"required":["c"]}""")]
    public void What_stands_inside_is_completed(string schema, string expected) =>
        Assert.Equal(Wrap(expected), Complete(Wrap(schema)));

    [Fact]
    public void An_argument_that_nothing_fits_is_no_argument() =>
        Assert.Equal("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""",
            Complete("""{"type":"object","properties":{"a":{"type":"string"},"b":false},"required":["a","b"]}"""));

    [Fact]
    public void References_that_lead_somewhere_stay_and_their_targets_are_completed() =>
        Assert.Equal("""{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"type":"object","properties":{"next":{"$ref":"#/$defs/a"}}},"b":{"type":"array","items":{}}}}""",
            Complete("""{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"properties":{"next":{"$ref":"#/$defs/a"}},"type":"object"},"b":{"type":"array"}}}""").Replace(
                """{"properties":{"next":{"$ref":"#/$defs/a"}},"type":"object"}""", """{"type":"object","properties":{"next":{"$ref":"#/$defs/a"}}}""", StringComparison.Ordinal));

    [Fact]
    public void A_reference_at_the_top_is_what_it_stands_for()
    {
        var completed = Builders.Json(Complete("""{"$ref":"#/$defs/input","$defs":{"input":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}}"""));

        Assert.Equal("""{"a":{"type":"string"}}""", completed.GetProperty("properties").GetRawText());
        Assert.Equal("""["a"]""", completed.GetProperty("required").GetRawText());
        Assert.False(completed.TryGetProperty("$ref", out _));
    }

    [Theory]
    [InlineData("anyOf", """["a"]""")]
    [InlineData("oneOf", """["a"]""")]
    [InlineData("allOf", """["a","b"]""")]
    public void Parts_at_the_top_are_put_together(string parts, string required)
    {
        var completed = Builders.Json(Complete($$$"""
            {"{{{parts}}}":[{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a","b"]},{"properties":{"a":{"type":"string"},"c":{}},"required":["a"]}]}
            """));

        Assert.Equal(["a", "b", "c"], completed.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal(required, completed.GetProperty("required").GetRawText());
        Assert.False(completed.TryGetProperty(parts, out _));
    }

    [Fact]
    public void Schemas_that_stand_for_themselves_come_to_an_end()
    {
        Assert.Equal(Nothing, Complete("""{"$ref":"#"}"""));
        Assert.Equal(Nothing, Complete("""{"anyOf":[{"$ref":"#"},{"$ref":"#"}],"allOf":[{"$ref":"#"},{"$ref":"#/anyOf/0"}]}"""));
    }

    [Fact]
    public void A_schema_that_is_complete_is_left_as_it_is()
    {
        var schema = AIFunctionFactory.Create((string name, int[] ages, Dictionary<string, string>? more = null) => name, "look").JsonSchema;

        Assert.Equal(schema.GetRawText(), SchemaCompletion.Complete(schema).GetRawText());
    }

    [Fact]
    public void What_is_nested_very_deeply_ends_in_anything()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 60)) + "{}" + new string('}', 60);

        Assert.NotEmpty(Complete($$$"""{"type":"object","properties":{"a":{{{deep}}}}}"""));
    }

    [Fact]
    public void A_tool_shows_the_completed_schema_to_models_and_humans()
    {
        var tool = Tool.Create(new Bare(), new ToolOptions { UserInputFields = ["b"] });

        Assert.Equal("""{"properties":{"a":{}},"required":["a"],"type":"object"}""", tool.Parameters.GetRawText());
        Assert.Equal(["a", "b"], ToolSchema.Fields(tool.AllParameters).Select(field => field.Name));
    }

    private static string Wrap(string schema) => $$$"""{"type":"object","properties":{"a":{{{schema}}}}}""";

    private static string Complete(string schema) => SchemaCompletion.Complete(JsonElement.Parse(schema, new JsonDocumentOptions { MaxDepth = 256 })).GetRawText();

    private sealed class Bare : AIFunction
    {
        public override string Name => "bare";

        public override JsonElement JsonSchema => Builders.Json("""{"properties":{"a":true,"b":{"type":"array"}},"required":["a","b","c"],"type":"object"}""");

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => ValueTask.FromResult<object?>(null);
    }
}
