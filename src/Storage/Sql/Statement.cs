using System.Globalization;
using System.Text;
using Cluster.Engine.Scopes;

namespace Cluster.Storage.Sql;

/// <summary>SQL with its parameters, which can be sent as often as it takes. It is the same for every dialect; each sends it in its own way.</summary>
/// <param name="sql">The SQL, or its beginning. It holds no value of a caller: those are parameters, <c>$1</c> and so on.</param>
internal sealed class Statement(string sql)
{
    private readonly List<Parameter> _parameters = [];
    private StringBuilder? _more;

    /// <summary>Gets the whole SQL.</summary>
    public string Sql => _more?.ToString() ?? sql;

    /// <summary>Gets the parameters, from <c>$1</c> on.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Goes on with the SQL.</summary>
    /// <param name="more">What follows.</param>
    /// <returns>This statement.</returns>
    public Statement Append(string more)
    {
        (_more ??= new StringBuilder(sql)).Append(more);
        return this;
    }

    /// <summary>Goes on with SQL that refers to the next parameter as <c>?</c>.</summary>
    /// <param name="more">What follows.</param>
    /// <param name="type">The parameter's type.</param>
    /// <param name="value">The parameter.</param>
    /// <returns>This statement.</returns>
    public Statement Append(string more, ColumnType type, object value)
    {
        Add(type, value);
        return Append(more.Replace("?", string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}"), StringComparison.Ordinal));
    }

    /// <summary>Adds the next parameter.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="value">Its value; null for SQL's null.</param>
    /// <returns>This statement.</returns>
    public Statement Add(ColumnType type, object? value)
    {
        _parameters.Add(new Parameter(type, value, IsArray: false));
        return this;
    }

    /// <summary>Adds a tenant as the next parameter.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <returns>This statement.</returns>
    public Statement Add(TenantId tenant) => Add(ColumnType.Text, tenant.Value);

    /// <summary>Adds values as an array, for dialects that have arrays.</summary>
    /// <param name="type">The type of the values.</param>
    /// <param name="values">The values; null for SQL's null.</param>
    /// <returns>This statement.</returns>
    public Statement AddArray(ColumnType type, Array? values)
    {
        _parameters.Add(new Parameter(type, values, IsArray: true));
        return this;
    }

    /// <summary>Adds one value of every item as an array, for dialects that have arrays.</summary>
    /// <typeparam name="TItem">The items.</typeparam>
    /// <typeparam name="TValue">The values.</typeparam>
    /// <param name="type">The type of the values.</param>
    /// <param name="items">The items.</param>
    /// <param name="valueOf">Gives the value of an item.</param>
    /// <returns>This statement.</returns>
    public Statement AddColumn<TItem, TValue>(ColumnType type, IReadOnlyList<TItem> items, Func<TItem, TValue> valueOf)
    {
        var values = new TValue[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = valueOf(items[i]);
        }

        return AddArray(type, values);
    }

    /// <summary>Goes on with the next parameter, one value of every item as an array.</summary>
    /// <typeparam name="TItem">The items.</typeparam>
    /// <typeparam name="TValue">The values.</typeparam>
    /// <param name="type">The type of the values.</param>
    /// <param name="items">The items.</param>
    /// <param name="valueOf">Gives the value of an item.</param>
    /// <returns>This statement.</returns>
    public Statement AppendColumn<TItem, TValue>(ColumnType type, IReadOnlyList<TItem> items, Func<TItem, TValue> valueOf) =>
        AddColumn(type, items, valueOf).Append(string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}"));

    /// <summary>A parameter.</summary>
    /// <param name="Type">Its type, or that of its values.</param>
    /// <param name="Value">Its value; null for SQL's null.</param>
    /// <param name="IsArray">True when it is an array of such values.</param>
    internal readonly record struct Parameter(ColumnType Type, object? Value, bool IsArray);
}
