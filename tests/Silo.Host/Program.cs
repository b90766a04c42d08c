using Cluster.Contract.Host;
using Cluster.Silo.Host;
using SiloOptions = Cluster.Silo.SiloOptions;

// A silo by the settings of the real one, with the reference agents. With Steps:Url their slow model speaks when whoever listens there says so. With
// Speech:Url it has the agents of the API's tests instead: their clock stands still, and whoever listens there is the model of those that a test brings.
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseUrls(builder.Configuration[$"{SiloOptions.SectionName}:{nameof(SiloOptions.Url)}"] ?? new SiloOptions().Url);
using var steps = new RemoteClock(builder.Configuration["Steps:Url"]);
using var speech = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
if (builder.Configuration["Speech:Url"] is { } url)
{
    speech.BaseAddress = new Uri(url);
    builder.Services.AddApiTestAgents(speech);
}
else
{
    foreach (var agent in ReferenceAgents.Create(steps).Concat(ReferenceTeams.Create(steps)))
    {
        builder.Services.AddAgent(agent);
    }
}

builder.AddSilo();
await using var app = builder.Build();
app.MapOrchestratorHealth();
await app.StartAsync();
await Console.Out.WriteLineAsync($"Silo ready, health at {app.Urls.First()}");
await app.WaitForShutdownAsync();
