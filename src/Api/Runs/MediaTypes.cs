using System.Collections.Frozen;
using System.Text;

namespace Cluster.Api.Runs;

/// <summary>What a model takes a file for.</summary>
internal enum MediaKind
{
    /// <summary>Nothing: the file is refused.</summary>
    Unsupported,

    /// <summary>A picture.</summary>
    Image,

    /// <summary>A sound.</summary>
    Audio,

    /// <summary>A video.</summary>
    Video,

    /// <summary>Anything to read.</summary>
    Document,
}

/// <summary>The file types that AgentOS takes (contract, endpoints 2).</summary>
internal static class MediaTypes
{
    private const string Unknown = "application/octet-stream";
    private const string Office = "application/vnd.openxmlformats-officedocument.";

    private static readonly FrozenDictionary<string, MediaKind> Kinds = CreateKinds();

    private static readonly FrozenDictionary<string, string> TypesByExtension = CreateTypes(
        ("image/", "png gif webp bmp tiff avif heic heif jpeg jpg=jpeg tif=tiff"),
        ("audio/", "wav ogg m4a aac flac mp3=mpeg"),
        ("video/", "mp4 webm wmv mpeg mpg 3gp=3gpp flv=x-flv mov=quicktime"),
        ("text/", "html css markdown csv xml rtf js=javascript py=x-python txt=plain htm=html md=markdown"),
        ("application/", "pdf json doc=msword ppt=vnd.ms-powerpoint xls=vnd.ms-excel msg=vnd.ms-outlook"),
        (Office, "docx=wordprocessingml.document pptx=presentationml.presentation xlsx=spreadsheetml.sheet"));

    public static MediaKind KindOf(string? contentType, string? fileName) => Kinds.GetValueOrDefault(Resolve(contentType, fileName));

    /// <summary>Gives the type that a file was sent with, or, when that says nothing, the type of its extension.</summary>
    public static string Resolve(string? contentType, string? fileName)
    {
        var sent = (contentType ?? string.Empty).Split(';')[0].Trim();
        return sent.Length > 0 && !sent.Equals(Unknown, StringComparison.OrdinalIgnoreCase)
            ? sent
            : TypesByExtension.GetValueOrDefault(ExtensionOf(fileName) ?? string.Empty, Unknown);
    }

    public static string FormatOf(string? fileName, string type) => (ExtensionOf(fileName) ?? type.Split('/')[^1]).ToLowerInvariant();

    /// <summary>Gives content as records hold it: text as it is, everything else in base64.</summary>
    public static string Encode(string type, ReadOnlySpan<byte> content) => IsText(type) ? Encoding.UTF8.GetString(content) : Convert.ToBase64String(content);

    public static bool IsText(string type) => type.StartsWith("text/", StringComparison.OrdinalIgnoreCase);

    private static string? ExtensionOf(string? fileName) => Path.GetExtension(fileName) is { Length: > 1 } extension ? extension[1..] : null;

    private static FrozenDictionary<string, string> CreateTypes(params ReadOnlySpan<(string Prefix, string Extensions)> groups)
    {
        var types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (prefix, extensions) in groups)
        {
            foreach (var parts in extensions.Split(' ').Select(extension => extension.Split('=')))
            {
                types[parts[0]] = prefix + parts[^1];
            }
        }

        return types.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static FrozenDictionary<string, MediaKind> CreateKinds()
    {
        var kinds = new Dictionary<string, MediaKind>(StringComparer.OrdinalIgnoreCase);
        Add(MediaKind.Image, "image/", "png jpeg jpg gif webp bmp tiff tif avif heic heif");
        Add(MediaKind.Audio, "audio/", "wav wave mp3 mpeg ogg mp4 m4a aac flac");
        Add(MediaKind.Video, "video/", "x-flv quicktime mpeg mpegs mpgs mpg mp4 webm wmv 3gpp");
        Add(MediaKind.Document, "text/", "javascript x-python plain html css markdown csv xml rtf");
        Add(MediaKind.Document, "application/", "pdf json x-javascript x-python msword vnd.ms-powerpoint vnd.ms-excel vnd.ms-outlook");
        Add(MediaKind.Document, Office, "wordprocessingml.document presentationml.presentation spreadsheetml.sheet");
        return kinds.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

        void Add(MediaKind kind, string prefix, string names)
        {
            foreach (var name in names.Split(' '))
            {
                kinds[prefix + name] = kind;
            }
        }
    }
}
