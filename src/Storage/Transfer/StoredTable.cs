using System.Collections.Immutable;

namespace Cluster.Storage.Transfer;

/// <summary>A table as exports write it: the same for every kind of store.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Line">The name under which a row stands in a line.</param>
/// <param name="Fields">What a row holds.</param>
internal sealed record StoredTable(string Name, string Line, ImmutableArray<StoredField> Fields)
{
    /// <summary>Gets the column that counts rows as they come; null where nothing does.</summary>
    public string? Counter { get; init; }

    /// <summary>Gets what SQLite joins to the table, whose rows refer to each other by numbers.</summary>
    public string SqliteJoin { get; init; } = string.Empty;

    /// <summary>Gets the columns by which SQLite gives the rows out.</summary>
    public required string SqliteOrder { get; init; }

    /// <summary>Gets columns that follow from fields: each holds the words of a JSON string as searches compare them.</summary>
    public ImmutableArray<(string Column, string Field)> Folded { get; init; } = [];

    /// <summary>Gets a column of PostgreSQL that holds a new UUID; null for none.</summary>
    public string? PostgresUuid { get; init; }
}

/// <summary>A field of a row.</summary>
/// <param name="Name">Its name in lines, and that of its column.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="IsRequired">True when no row is without it.</param>
internal sealed record StoredField(string Name, FieldKind Kind, bool IsRequired = false)
{
    /// <summary>Gets SQLite's column when it holds something else than the field.</summary>
    public string? SqliteColumn { get; init; }

    /// <summary>Gets a value indicating whether SQLite has a column for it; otherwise only other fields look at it.</summary>
    public bool IsInSqlite { get; init; } = true;

    /// <summary>Gets how SQLite finds the field; null for the column as it is.</summary>
    public string? SqliteRead { get; init; }

    /// <summary>Gets how SQLite finds what the column holds, with <c>?</c> for the field; null for the field as it is.</summary>
    public string? SqliteWrite { get; init; }
}

/// <summary>What a field holds.</summary>
internal enum FieldKind
{
    /// <summary>A text that holds no NUL.</summary>
    Text,

    /// <summary>A document, which is kept byte by byte.</summary>
    Json,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A whole number of 32 bits.</summary>
    SmallNumber,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A list of texts.</summary>
    Texts,
}
