using System.ComponentModel;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits;

/// <summary>The four operations, for agents that are written down in YAML.</summary>
public static class CalculatorToolkit
{
    private static readonly ToolOptions Pure = new() { Effect = ToolEffect.Pure };

    /// <summary>Makes the toolkit <c>calculator</c>.</summary>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create() => new()
    {
        Name = "calculator",
        Tools = [Tool.Create(Add, Pure), Tool.Create(Subtract, Pure), Tool.Create(Multiply, Pure), Tool.Create(Divide, Pure)],
    };

    [Description("Adds two numbers.")]
    private static double Add(double a, double b) => a + b;

    [Description("Subtracts the second number from the first.")]
    private static double Subtract(double a, double b) => a - b;

    [Description("Multiplies two numbers.")]
    private static double Multiply(double a, double b) => a * b;

    [Description("Divides the first number by the second.")]
    private static double Divide(double a, double b) => b == 0 ? throw new DivideByZeroException("Nothing can be divided by zero.") : a / b;
}
