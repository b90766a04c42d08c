using System.Text.Json;
using Cluster.Providers.Models.Wire;

namespace Cluster.Providers.Tests.Models.Wire;

public sealed class StrictSchemaTests
{
    [Theory]
    [InlineData("all required", """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""")]
    [InlineData("one optional", """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a"]}""", """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":["integer","null"]}},"required":["a","b"],"additionalProperties":false}""")]
    [InlineData("an optional choice", """{"type":"object","properties":{"a":{"enum":["x","y"]}}}""", """{"type":"object","properties":{"a":{"enum":["x","y",null],"type":["string","null"]}},"additionalProperties":false,"required":["a"]}""")]
    [InlineData("an optional reference", """{"type":"object","properties":{"a":{"$ref":"#/$defs/N","description":"d"}},"$defs":{"N":{"type":"object","properties":{"v":{"type":"string"}},"required":["v"]}}}""", """{"type":"object","properties":{"a":{"anyOf":[{"$ref":"#/$defs/N"},{"type":"null"}]}},"$defs":{"N":{"type":"object","properties":{"v":{"type":"string"}},"required":["v"],"additionalProperties":false}},"additionalProperties":false,"required":["a"]}""")]
    [InlineData("alternatives", """{"type":"object","properties":{"a":{"oneOf":[{"type":"string"},{"type":"integer"}]}}}""", """{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}},"additionalProperties":false,"required":["a"]}""")]
    [InlineData("optional within a list", """{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}}},"required":["l"]}""", """{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"a":{"type":["string","null"]}},"additionalProperties":false,"required":["a"]}}},"required":["l"],"additionalProperties":false}""")]
    [InlineData("a default and a length", """{"type":"object","properties":{"a":{"type":"string","default":"x","minLength":2}},"required":["a"]}""", """{"type":"object","properties":{"a":{"type":"string","description":"(default: \"x\") (minLength: 2)"}},"required":["a"],"additionalProperties":false}""")]
    [InlineData("a wrapped reference", """{"type":"object","properties":{"a":{"allOf":[{"$ref":"#/$defs/N"}],"description":"d"}},"required":["a"],"$defs":{"N":{"type":"string"}}}""", """{"type":"object","properties":{"a":{"$ref":"#/$defs/N"}},"required":["a"],"$defs":{"N":{"type":"string"}},"additionalProperties":false}""")]
    public void A_schema_that_can_be_held_is_closed_and_what_was_optional_may_be_null(string name, string schema, string expected) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), JsonElement.Parse(StrictSchema.TryMake(JsonElement.Parse(schema))?.ToJsonString() ?? "null")), $"{name}: {StrictSchema.TryMake(JsonElement.Parse(schema))?.ToJsonString()}");

    [Theory]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":true}""")]
    [InlineData("""{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"integer"}}},"required":["m"]}""")]
    [InlineData("""{"type":"object","properties":{"m":{"type":"object"}}}""")]
    [InlineData("""{"type":"object","properties":{"m":{}}}""")]
    [InlineData("""{"type":"object","properties":{"m":true}}""")]
    [InlineData("""{"type":"object","properties":{"m":{"type":"array"}}}""")]
    [InlineData("""{"type":"object","properties":{"m":{"type":"object","patternProperties":{"^x":{"type":"string"}}}}}""")]
    [InlineData("""{"type":"object","properties":{"m":{"allOf":[{"type":"string"},{"minLength":1}]}}}""")]
    [InlineData("""{"anyOf":[{"type":"object","properties":{"a":{"type":"string"}}}]}""")]
    [InlineData("""{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"a":{"type":"string"}}}}}""")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"https://example.org/s.json"}}}""")]
    public void A_schema_that_leaves_something_open_is_not_strict(string schema) => Assert.Null(StrictSchema.TryMake(JsonElement.Parse(schema)));
}
