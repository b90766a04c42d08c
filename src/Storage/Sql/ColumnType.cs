namespace Cluster.Storage.Sql;

/// <summary>What a parameter of a statement holds. Each dialect knows its own type for it.</summary>
internal enum ColumnType
{
    /// <summary>A text that compares byte by byte.</summary>
    Text,

    /// <summary>A document in UTF-8, which comes back as it was written.</summary>
    Json,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A number of 64 bits.</summary>
    Long,

    /// <summary>A number of 32 bits.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A UUID.</summary>
    Uuid,
}
