using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Csv;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class CsvToolkitTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("a,b\r\n1,2\r\n", "a|b;1|2")]
    [InlineData("a,b\n1,2", "a|b;1|2")]
    [InlineData("a,b\r1,2", "a|b;1|2")]
    [InlineData("\uFEFFa\n1", "a;1")]
    [InlineData("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\n,,", "a,b|say \"hi\"|two\r\nlines;||")]
    [InlineData("a\n\n\"\"\nb", "a;b")]
    [InlineData("a, b ,c\"d", "a| b |c\"d")]
    [InlineData("", "")]
    public async Task Values_are_read_as_the_standard_has_them(string csv, string rows)
    {
        using var reader = new CsvReader(new StreamReader(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(csv))), ',');
        var read = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } row)
        {
            read.Add(string.Join('|', row));
        }

        Assert.Equal(rows, string.Join(';', read));
    }

    [Theory]
    [InlineData("a\n\"b\nc", "The file is no correct CSV: the quotation that begins in line 2 does not end. Correct the file, or use another one.")]
    [InlineData("a\n\"b\"c", "The file is no correct CSV: in line 2, 'c' follows the end of a quotation. Correct the file, or use another one.")]
    [InlineData("a\nb,c\n", "The file is no correct CSV: the row that ends before line 3 has 2 values for 1 columns.")]
    [InlineData("", "'bad.csv' is empty. Use another file.")]
    public async Task A_broken_file_is_refused_with_its_line(string csv, string message)
    {
        _directory.Add("bad.csv", csv);

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => Csv().CallAsync("query_csv_file", new { file = "bad.csv" }));

        Assert.Equal(message, refusal.Message);
    }

    [Fact]
    public async Task Files_and_columns_are_listed()
    {
        _directory.Add("sub/people.csv", "name,age\nAnn,30\n");
        _directory.Add("other.txt", string.Empty);

        Assert.Equal("sub/people.csv (16 bytes)", await Csv().CallAsync("list_csv_files"));
        Assert.Equal("""{"columns":["name","age"],"first_rows":[["Ann","30"]]}""", await Csv().CallAsync("list_csv_columns", new { file = "sub/people.csv" }));
        Assert.All(Csv().Tools, tool => Assert.Equal(ToolEffect.Pure, tool.Options.Effect));
    }

    [Theory]
    [InlineData("age", ">", "9", "Ann,Bob", 2)]
    [InlineData("age", "=", "30.0", "Ann", 1)]
    [InlineData("Age", "!=", "30", "Bob,Cid,Dan", 3)]
    [InlineData("name", "<=", "bob", "Ann,Bob", 2)]
    [InlineData("name", "contains", "N", "Ann,Dan", 2)]
    [InlineData("name", "starts_with", "c", "Cid", 1)]
    [InlineData("city", "=", "", "Dan", 1)]
    public async Task Rows_are_filtered(string column, string comparison, string value, string names, int matching)
    {
        _directory.Add("people.csv", "name,age,city\nAnn,30,Rome\nBob,100,Oslo\nCid,9,\"Rome\"\nDan,7\n");

        var result = await Csv().CallForJsonAsync("query_csv_file", new { file = "people.csv", columns = new[] { "name" }, where = new[] { new { column, comparison, value } } });

        Assert.Equal(names, string.Join(',', result.GetProperty("rows").EnumerateArray().Select(row => row[0].GetString())));
        Assert.Equal(matching, result.GetProperty("matching_rows").GetInt32());
    }

    [Fact]
    public async Task Rows_are_given_page_by_page()
    {
        _directory.Add("n.csv", "n;sq\n" + string.Join('\n', Enumerable.Range(1, 50_000).Select(n => $"{n};{(long)n * n}")));
        var csv = CsvToolkit.Create(new CsvToolkitOptions { Root = _directory.Path, Delimiter = ';', MaxRows = 2 });

        Assert.Equal(
            """{"columns":["sq","n"],"rows":[["1600000000","40000"],["1600080001","40001"]],"matching_rows":50000}""",
            await csv.CallAsync("query_csv_file", new { file = "n.csv", columns = new[] { "sq", "n" }, limit = 10, offset = 39_999 }));
    }

    [Fact]
    public async Task Mistakes_are_named_with_the_remedy()
    {
        _directory.Add("n.csv", "n\n1");

        Assert.Equal(
            "There is no column 'm'. There are: n.",
            (await Assert.ThrowsAsync<InvalidRequestException>(() => Csv().CallAsync("query_csv_file", new { file = "n.csv", columns = new[] { "m" } }))).Message);
        await Assert.ThrowsAsync<InvalidRequestException>(() => Csv().CallAsync("query_csv_file", new { file = "n.csv", where = new[] { new { column = "n", comparison = "~", value = "1" } } }));
        await Assert.ThrowsAsync<ForbiddenException>(() => Csv().CallAsync("query_csv_file", new { file = "../n.csv" }));
    }

    private Toolkit Csv() => CsvToolkit.Create(new CsvToolkitOptions { Root = _directory.Path });
}
