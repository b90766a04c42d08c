using Cluster.Chaos.Host;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Options;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls(builder.Configuration["Silo:Url"]!);
builder.Services.AddOptions<ChaosOptions>().BindConfiguration(ChaosOptions.SectionName);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<Ledger>();
builder.Services.AddSingleton<StepTool>();
builder.Services.AddSingleton(services => services.GetRequiredService<StepTool>().CreateAgent("worker", ToolEffect.Keyed));
builder.Services.AddSingleton(services => services.GetRequiredService<StepTool>().CreateAgent("once", ToolEffect.Once));
builder.AddSilo();
await using var app = builder.Build();
app.MapOrchestratorHealth();
await app.StartAsync();
await Console.Out.WriteLineAsync($"Chaos ready as {app.Services.GetRequiredService<IOptions<ChaosOptions>>().Value.Name}");
await app.WaitForShutdownAsync();
