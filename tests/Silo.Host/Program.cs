using Cluster.Contract.Host;
using Cluster.Silo.Host;
using SiloOptions = Cluster.Silo.SiloOptions;

// A silo with the reference agents, by the settings of the real one. With Steps:Url their slow model speaks when whoever listens there says so.
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseUrls(builder.Configuration[$"{SiloOptions.SectionName}:{nameof(SiloOptions.Url)}"] ?? new SiloOptions().Url);
using var steps = new RemoteClock(builder.Configuration["Steps:Url"]);
foreach (var agent in ReferenceAgents.Create(steps))
{
    builder.Services.AddAgent(agent);
}

builder.AddSilo();
await using var app = builder.Build();
app.MapOrchestratorHealth();
await app.StartAsync();
await Console.Out.WriteLineAsync($"Silo ready, health at {app.Urls.First()}");
await app.WaitForShutdownAsync();
