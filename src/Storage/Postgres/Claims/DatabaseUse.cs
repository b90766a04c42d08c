namespace Cluster.Storage.Postgres.Claims;

/// <summary>With whom a process works on a database.</summary>
public enum DatabaseUse
{
    /// <summary>With nobody: the runs of the database are its own.</summary>
    Alone,

    /// <summary>With others of its kind, which have agreed on who does what.</summary>
    Together,
}
