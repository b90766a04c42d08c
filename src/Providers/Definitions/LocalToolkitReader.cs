using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Csv;
using Cluster.Providers.Toolkits.Email;
using Cluster.Providers.Toolkits.Files;
using Cluster.Providers.Toolkits.Shell;
using Cluster.Providers.Toolkits.Sql;

namespace Cluster.Providers.Definitions;

/// <summary>Makes the toolkits of files, commands, databases and mail as a definition wants them.</summary>
internal static class LocalToolkitReader
{
    public static Toolkit Files(ToolkitSettings settings)
    {
        var usual = new FileToolkitOptions { Root = settings.RequiredText("root") };
        return FileToolkit.Create(usual with
        {
            AllowWrite = settings.Flag("allow_write", usual.AllowWrite),
            AllowDelete = settings.Flag("allow_delete", usual.AllowDelete),
            MaxFileBytes = settings.Integer("max_file_bytes", usual.MaxFileBytes),
            MaxLetters = settings.Integer("max_letters", usual.MaxLetters),
            MaxEntries = settings.Integer("max_entries", usual.MaxEntries),
        });
    }

    public static Toolkit Csv(ToolkitSettings settings)
    {
        var usual = new CsvToolkitOptions { Root = settings.RequiredText("root") };
        return CsvToolkit.Create(usual with
        {
            Delimiter = settings.Text("delimiter") switch
            {
                null => usual.Delimiter,
                [var delimiter and not ('"' or '\r' or '\n')] => delimiter,
                var other => throw settings.Error($"'delimiter' of the toolkit '{settings.Name}' is '{other}'. Make it one character that is no quotation mark and no line break."),
            },
            MaxFileBytes = settings.Integer("max_file_bytes", (int)usual.MaxFileBytes),
            MaxRows = settings.Integer("max_rows", usual.MaxRows),
        });
    }

    public static Toolkit Shell(ToolkitSettings settings)
    {
        var usual = new ShellToolkitOptions { Root = settings.RequiredText("root") };
        return ShellToolkit.Create(usual with
        {
            Allow = settings.Flag("allow", usual.Allow),
            AllowedCommands = settings.Texts("allowed_commands"),
            Timeout = settings.Seconds("timeout", usual.Timeout),
            MaxOutputBytes = settings.Integer("max_output_bytes", usual.MaxOutputBytes),
        });
    }

    public static Toolkit Sql(ToolkitSettings settings)
    {
        var usual = new SqlToolkitOptions { ConnectionString = settings.RequiredSecret("connection_string") };
        return SqlToolkit.Create(usual with
        {
            AllowWrite = settings.Flag("allow_write", usual.AllowWrite),
            Timeout = settings.Seconds("timeout", usual.Timeout),
            MaxRows = settings.Integer("max_rows", usual.MaxRows),
            MaxValueLetters = settings.Integer("max_value_letters", usual.MaxValueLetters),
        });
    }

    public static Toolkit Email(ToolkitSettings settings)
    {
        var usual = new EmailToolkitOptions { Host = settings.RequiredText("host"), From = settings.RequiredText("from"), Recipients = settings.Texts("recipients") };
        return EmailToolkit.Create(usual with
        {
            Port = settings.Integer("port", usual.Port),
            StartTls = settings.Flag("start_tls", usual.StartTls),
            User = settings.Text("user"),
            Password = settings.Secret("password"),
            MaxRecipients = settings.Integer("max_recipients", usual.MaxRecipients),
            Timeout = settings.Seconds("timeout", usual.Timeout),
        });
    }
}
