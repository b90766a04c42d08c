using Cluster.Storage.Postgres;
using Npgsql;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresConnectionTests
{
    [Fact]
    public void What_a_connection_string_leaves_open_is_completed()
    {
        var connection = Read("Host=localhost");

        Assert.Equal(32, connection.MaxAutoPrepare);
        Assert.Equal(20, connection.MaxPoolSize);
        Assert.True(connection.NoResetOnClose);
        Assert.Equal("-c synchronous_commit=on -c jit=off", connection.Options);
        Assert.Equal("cluster", connection.ApplicationName);
    }

    [Fact]
    public void What_a_connection_string_says_stands()
    {
        const string Given = "Host=localhost;Max Auto Prepare=7;Maximum Pool Size=9;No Reset On Close=False;Options=-c synchronous_commit=off -c jit=on;Application Name=mine";

        var connection = Read(Given);

        Assert.Equal((7, 9, false), (connection.MaxAutoPrepare, connection.MaxPoolSize, connection.NoResetOnClose));
        Assert.Equal(("-c synchronous_commit=off -c jit=on", "mine"), (connection.Options, connection.ApplicationName));
    }

    private static NpgsqlConnectionStringBuilder Read(string connectionString)
    {
        using var dataSource = PostgresConnection.CreateDataSource(connectionString);
        return new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
    }
}
