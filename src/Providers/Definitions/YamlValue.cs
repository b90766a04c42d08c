using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Turns YAML into JSON with the types of YAML 1.2's core schema: what is not quoted may be null, true, false or a number.</summary>
/// <param name="file">The file's name, for messages.</param>
internal sealed class YamlValue(string file)
{
    /// <summary>Aliases can nest a small file deeply; nobody needs more.</summary>
    private const int DeepestNesting = 64;

    /// <summary>Converts a value.</summary>
    /// <param name="node">The value.</param>
    /// <returns>The same value as JSON.</returns>
    public JsonElement ToJson(YamlNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, node, 0);
        }

        return JsonElement.Parse(buffer.ToArray());
    }

    /// <summary>Tells a value that stands for nothing.</summary>
    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    /// <summary>Reads a value as true or false.</summary>
    /// <returns>The value; null when it is neither.</returns>
    public static bool? ToBoolean(YamlNode node) => node is not YamlScalarNode { Style: ScalarStyle.Plain } scalar ? null : scalar.Value switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    /// <summary>Reads a value as a whole number.</summary>
    /// <returns>The value; null when it is none.</returns>
    public static long? ToInteger(YamlNode node)
    {
        if (node is not YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text })
        {
            return null;
        }

        return text.StartsWith("0x", StringComparison.Ordinal) && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal)
            ? hexadecimal
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Reads a value as a number.</summary>
    /// <returns>The value; null when it is none.</returns>
    public static double? ToNumber(YamlNode node) =>
        ToInteger(node) ?? (node is YamlScalarNode { Style: ScalarStyle.Plain, Value: { Length: > 0 } text } && text[^1] is (>= '0' and <= '9') or '.' &&
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : default(double?));

    private void Write(Utf8JsonWriter writer, YamlNode node, int depth)
    {
        if (depth > DeepestNesting)
        {
            throw YamlError.At(file, node.Start, $"The value is nested more than {DeepestNesting} levels deep. Make it flatter.");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                writer.WriteStartObject();
                foreach (var (key, value) in mapping.Children)
                {
                    writer.WritePropertyName(key is YamlScalarNode { Value: { } name } ? name : throw YamlError.At(file, key.Start, "A key is not a text. Write a text."));
                    Write(writer, value, depth + 1);
                }

                writer.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                writer.WriteStartArray();
                foreach (var item in sequence.Children)
                {
                    Write(writer, item, depth + 1);
                }

                writer.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                Write(writer, scalar);
                break;
        }
    }

    private static void Write(Utf8JsonWriter writer, YamlScalarNode scalar)
    {
        if (IsNull(scalar))
        {
            writer.WriteNullValue();
        }
        else if (ToBoolean(scalar) is { } truth)
        {
            writer.WriteBooleanValue(truth);
        }
        else if (ToInteger(scalar) is { } integer)
        {
            writer.WriteNumberValue(integer);
        }
        else if (ToNumber(scalar) is { } number)
        {
            writer.WriteRawValue(Fraction(number));
        }
        else
        {
            writer.WriteStringValue(scalar.Value);
        }
    }

    /// <summary>A float stays one: 1.0 must not become 1.</summary>
    private static string Fraction(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }
}
