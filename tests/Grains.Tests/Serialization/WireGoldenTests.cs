using System.Globalization;
using System.Reflection;
using Cluster.Contract.Tests;
using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.Configuration;

namespace Cluster.Grains.Tests.Serialization;

/// <summary>
/// Silos and gateways of two versions talk to each other while a cluster is updated. What their messages are called, and which number each part has, stands
/// in a file: whoever changes it does so knowingly.
/// </summary>
public sealed class WireGoldenTests
{
    private const string UpdateSetting = "UPDATE_GOLDEN";

    private static readonly string File = Path.Combine(Repository.Root, "tests", "Grains.Tests", "Serialization", "wire.txt");

    [Fact]
    public void Names_and_numbers_of_calls_and_messages_are_those_of_the_version_before()
    {
        var actual = string.Join('\n', Describe()) + "\n";
        if (new ConfigurationBuilder().AddEnvironmentVariables().Build()[UpdateSetting] == "1")
        {
            System.IO.File.WriteAllText(File, actual);
        }

        Assert.True(
            System.IO.File.ReadAllText(File) == actual,
            $"{Repository.Relative(File)} is no longer what is sent:\n{actual}\nNever renumber, rename or reuse; add at the end. If the change is meant, run the test once with {UpdateSetting}=1.");
    }

    private static IEnumerable<string> Describe() => typeof(IRunGrain).Assembly.GetTypes()
        .Where(type => type.GetCustomAttribute<AliasAttribute>() is not null && !type.FullName!.StartsWith("OrleansCodeGen", StringComparison.Ordinal))
        .OrderBy(AliasOf, StringComparer.Ordinal)
        .SelectMany(type => type.IsInterface ? DescribeCalls(type) : DescribeMessage(type));

    private static IEnumerable<string> DescribeCalls(Type grain) => grain.GetMethods()
        .Select(method => $"  {method.GetCustomAttribute<AliasAttribute>()?.Alias ?? "NO ALIAS"}({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))})")
        .Order(StringComparer.Ordinal)
        .Prepend(AliasOf(grain));

    private static IEnumerable<string> DescribeMessage(Type message) => message.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetCustomAttribute<IdAttribute>() is not null)
        .OrderBy(property => property.GetCustomAttribute<IdAttribute>()!.Id)
        .Select(property => string.Create(CultureInfo.InvariantCulture, $"  {property.GetCustomAttribute<IdAttribute>()!.Id} {property.Name}: {Name(property.PropertyType)}"))
        .Prepend(AliasOf(message));

    private static string AliasOf(Type type) => type.GetCustomAttribute<AliasAttribute>()!.Alias;

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.Name;
}
