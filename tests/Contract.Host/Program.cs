var builder = WebApplication.CreateBuilder(args);
builder.Services.AddEngine();
await builder.Build().RunAsync();
