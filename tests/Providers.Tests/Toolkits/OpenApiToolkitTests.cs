using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class OpenApiToolkitTests : IAsyncLifetime
{
    private const string Pets =
        """
        openapi: 3.0.3
        info: {title: Pets, version: "1"}
        servers:
          - url: http://{host}/v1
            variables: {host: {default: pets.example}}
        paths:
          /pets/{petId}:
            parameters:
              - {name: petId, in: path, required: true, schema: {type: integer}}
            get:
              operationId: getPet
              summary: Gets a pet.
              parameters:
                - {name: fields, in: query, schema: {type: array, items: {type: string}}}
                - {name: sort, in: query, explode: false, schema: {type: array, items: {type: string}}}
                - {name: filter, in: query, style: deepObject, schema: {type: object}}
                - {name: X-Trace, in: header, schema: {type: string}}
                - {name: X-Pet-Key, in: header, required: true, schema: {type: string}}
                - {name: petId, in: query, description: Another id., schema: {type: string}}
            delete: {operationId: deletePet, responses: {}}
          /pets:
            post:
              operationId: create.pet
              description: Creates a pet.
              requestBody: {$ref: '#/components/requestBodies/Pet'}
          /login:
            post:
              operationId: login
              requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {type: object}}}}
          /upload:
            post:
              operationId: upload
              requestBody: {required: true, content: {multipart/form-data: {schema: {type: object}}}}
          /files/{name}:
            get:
              parameters: [{name: name, in: path, required: true, schema: {type: string}}]
        components:
          requestBodies:
            Pet: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
          schemas:
            Pet:
              type: object
              required: [name]
              properties:
                name: {type: string, nullable: true, example: Rex}
                example: {type: string, enum: [a, b]}
                mother: {$ref: '#/components/schemas/Pet'}
          securitySchemes:
            key: {type: apiKey, in: header, name: X-Pet-Key}
        """;

    private ToolkitServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ToolkitServer.StartAsync(app =>
    {
        app.MapGet("/v1/pets/{id}", (string id) => Results.Json(new { id }));
        app.MapDelete("/v1/pets/{id}", () => Results.NoContent());
        app.MapPost("/v1/pets", (HttpRequest request) => Results.Text($"you sent {request.Headers.Authorization}{request.Headers["X-Pet-Key"]}", statusCode: 422));
        app.MapPost("/v1/login", () => Results.Text("in"));
        app.MapGet("/v1/files/{*name}", () => Results.Redirect("https://elsewhere.example/"));
    });

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public void Every_operation_that_can_be_called_becomes_a_tool_with_its_effect()
    {
        Assert.Equal(
            [("getPet", ToolEffect.Pure), ("deletePet", ToolEffect.Once), ("create_pet", ToolEffect.Once), ("login", ToolEffect.Once), ("get_files_name", ToolEffect.Pure)],
            Toolkit().Tools.Select(tool => (tool.Name, tool.Options.Effect)));
        Assert.Equal(ToolEffect.Keyed, Toolkit(options => options with { IdempotencyHeader = "Idempotency-Key" }).Tools[1].Options.Effect);
        Assert.Equal(["p_getPet"], Toolkit(options => options with { Prefix = "p_", Include = ["getPet", "deletePet"], Exclude = ["deletePet"] }).Tools.Select(tool => tool.Name));
    }

    [Fact]
    public void References_are_replaced_and_circles_cut()
    {
        var create = Toolkit().Tools.Single(tool => tool.Name == "create_pet");

        Assert.Equal("Creates a pet.", create.Description);
        Assert.Equal(
            """{"type":"object","properties":{"body":{"type":"object","required":["name"],"properties":{"name":{"type":["string","null"]},"example":{"type":"string","enum":["a","b"]},"mother":{"description":"Another Pet."}}}},"required":["body"]}""",
            create.Parameters.GetRawText());
    }

    [Fact]
    public void The_key_s_header_is_no_argument_and_same_names_are_told_apart()
    {
        var properties = Toolkit(options => options with { ApiKey = "k" }).Tools[0].Parameters.GetProperty("properties").EnumerateObject().Select(property => property.Name);

        Assert.Equal(["fields", "sort", "filter", "X-Trace", "petId", "path_petId"], properties);
    }

    [Fact]
    public void Neither_the_key_s_header_nor_that_of_repeated_requests_is_an_argument()
    {
        var arguments = Toolkit(options => options with { ApiKey = "k", IdempotencyHeader = "X-Trace" }).Tools[0].Parameters.GetProperty("properties");

        Assert.Equal((false, false), (arguments.TryGetProperty("X-Pet-Key", out _), arguments.TryGetProperty("X-Trace", out _)));
    }

    [Fact]
    public async Task Arguments_go_where_the_document_says()
    {
        var answer = await Toolkit(options => options with { ApiKey = "pet-key", BearerToken = "bearer-token" }).CallAsync("getPet", new
        {
            path_petId = 7,
            petId = "a&b",
            fields = new[] { "x", "y z" },
            sort = new[] { "a", "b" },
            filter = new { color = "red" },
            XTrace = "ignored",
        });

        Assert.Equal("""{"id":"7"}""", answer);
        var request = Assert.Single(_server.Requests);
        Assert.Equal("GET /v1/pets/7?fields=x&fields=y%20z&sort=a%2Cb&filter%5Bcolor%5D=red&petId=a%26b", request.Route);
        Assert.Equal(("pet-key", "Bearer bearer-token"), (request.Headers["X-Pet-Key"], request.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_body_is_sent_and_a_refusal_is_told_without_the_token()
    {
        var pets = Toolkit(options => options with { BearerToken = "bearer-token", IdempotencyHeader = "Idempotency-Key" });

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => pets.CallAsync("create_pet", new { body = new { name = "Rex" } }));

        Assert.Equal("pets refuses the request (status 422). Correct it. It says: you sent Bearer …", refusal.Message);
        Assert.Equal(("""{"name":"Rex"}""", "run/call"), (_server.Requests[0].Body, _server.Requests[0].Headers["Idempotency-Key"]));
        Assert.StartsWith("application/json", _server.Requests[0].Headers["Content-Type"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_keys_that_begin_alike_nothing_is_told()
    {
        var pets = Toolkit(options => options with { BearerToken = "pet-key", ApiKey = "pet-key-2" });

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => pets.CallAsync("create_pet", new { body = new { name = "Rex" } }));

        Assert.EndsWith("you sent Bearer ……", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_is_encoded_and_an_empty_answer_is_named()
    {
        Assert.Equal("in", await Toolkit().CallAsync("login", new { body = new { user = "a b", age = 3 } }));
        Assert.Equal("Done. The answer is empty.", await Toolkit().CallAsync("deletePet", new { petId = 1 }));

        Assert.Equal(("user=a%20b&age=3", "DELETE /v1/pets/1"), (_server.Requests[0].Body, _server.Requests[1].Route));
    }

    [Theory]
    [InlineData("getPet", "{\"petId\":\"x\"}", "The argument 'path_petId' is missing. Add it.")]
    [InlineData("get_files_name", "{\"name\":\"..\"}", "'..' cannot be the argument 'name'. Give another value.")]
    [InlineData("get_files_name", "{\"name\":\"a/../b\"}", "127.0.0.1 redirects to another server, which is not followed.")]
    public async Task A_call_that_cannot_be_made_is_refused_with_the_reason(string tool, string arguments, string message)
    {
        var refusal = await Assert.ThrowsAnyAsync<EngineException>(() => Toolkit(options => options with { ApiKey = "k" }).CallAsync(tool, JsonElement.Parse(arguments)));

        Assert.Equal(message, refusal.Message);
    }

    [Fact]
    public async Task A_document_s_own_server_has_to_be_public()
    {
        var toolkit = Toolkit(options => options with { BaseUrl = null, Document = Pets.Replace("default: pets.example", $"default: '127.0.0.1:{_server.Port}'", StringComparison.Ordinal) });

        await Assert.ThrowsAsync<ForbiddenException>(() => toolkit.CallAsync("deletePet", new { petId = 1 }));

        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void A_document_may_be_JSON() =>
        Assert.Equal("ping", Assert.Single(OpenApiToolkit.Create(new OpenApiToolkitOptions
        {
            Document = """{"openapi":"3.1.0","servers":[{"url":"https://a.example"}],"paths":{"/ping":{"get":{"operationId":"ping"}}}}""",
        }).Tools).Name);

    [Theory]
    [InlineData("swagger: '2.0'", "The document is no OpenAPI 3 document: it has no 'openapi: 3…'. Convert older ones first.")]
    [InlineData("{\"openapi\":\"3.0.0\",\"paths\":{}}", "The OpenAPI document does not say where the API is. Set the base URL.")]
    [InlineData("{\"openapi\":\"3.0.0\",\"servers\":[{\"url\":\"https://a.b\"}],\"paths\":{\"/a\":{\"$ref\":\"b.yaml\"}}}", "The reference 'b.yaml' leads out of the document. Put what it stands for into the document.")]
    [InlineData("{\"openapi\":\"3.0.0\",\"servers\":[{\"url\":\"https://a.b\"}],\"paths\":{\"/a\":{\"$ref\":\"#/x\"}},\"x\":{\"$ref\":\"#/x\"}}", "The reference '#/x' of the document leads in a circle. Correct the document.")]
    public void A_document_that_cannot_be_used_is_refused(string document, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidRequestException>(() => OpenApiToolkit.Create(new OpenApiToolkitOptions { Document = document })).Message);

    private Toolkit Toolkit(Func<OpenApiToolkitOptions, OpenApiToolkitOptions>? change = null)
    {
        var options = new OpenApiToolkitOptions { Document = Pets, Name = "pets", BaseUrl = _server.Url + "/v1" };
        return OpenApiToolkit.Create(change?.Invoke(options) ?? options);
    }
}
