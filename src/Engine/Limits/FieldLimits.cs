using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Limits;

/// <summary>
/// How large what callers send may be, field by field, bound from the section <c>Limits</c>. The same limits hold whichever store keeps it. Bytes are those of
/// UTF-8; of JSON, as it was sent. What an index or another program relies on cannot be changed, and is a constant.
/// </summary>
public sealed class FieldLimits
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Limits";

    /// <summary>How long a session's id may be. In an address, with three letters a byte, it fits into the 8 KB that servers allow a request line.</summary>
    public const int SessionIdBytes = 2_400;

    /// <summary>How long every other id may be. An entry of an index of PostgreSQL holds three of them and has room for 2,704 bytes.</summary>
    public const int IdBytes = 600;

    /// <summary>How many characters a memory may have, as in AgentOS, and what somebody thinks of it.</summary>
    public const int MemoryLength = 5_000;

    /// <summary>How many topics a memory may have.</summary>
    public const int MemoryTopics = 20;

    /// <summary>How many characters a topic may have.</summary>
    public const int TopicLength = 100;

    /// <summary>How many entries a list of ids may have that a request brings, and a page of a list.</summary>
    public const int Entries = 1_000;

    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;

    /// <summary>Gets or sets how long names may be: of sessions and of files. The default is 4 KiB.</summary>
    [Range(64, MiB)]
    public int NameBytes { get; set; } = 4 * KiB;

    /// <summary>
    /// Gets or sets how long a message may be, and what is said when a run goes on. The default is 32 MiB, which is also the limit of whole requests,
    /// <c>AgentOs:MaxBodyBytes</c>.
    /// </summary>
    [Range(KiB, 1024 * MiB)]
    public int MessageBytes { get; set; } = 32 * MiB;

    /// <summary>Gets or sets how large all pictures, sounds, videos and files of a request may be together, written as base64. The default is 64 MiB.</summary>
    [Range(KiB, 1024 * MiB)]
    public int MediaBytes { get; set; } = 64 * MiB;

    /// <summary>Gets or sets how many pictures, sounds, videos and files a request may have together. The default is 256.</summary>
    [Range(1, 100_000)]
    public int MediaCount { get; set; } = 256;

    /// <summary>
    /// Gets or sets how large a session state may be: what a request brings, and what it and tools make of the session's. Every run keeps a copy. The default is 4 MiB.
    /// </summary>
    [Range(KiB, 256 * MiB)]
    public int StateBytes { get; set; } = 4 * MiB;

    /// <summary>Gets or sets how large metadata may be. The default is 1 MiB.</summary>
    [Range(KiB, 256 * MiB)]
    public int MetadataBytes { get; set; } = MiB;

    /// <summary>Gets or sets how large the dependencies of a request may be. The default is 4 MiB.</summary>
    [Range(KiB, 256 * MiB)]
    public int DependenciesBytes { get; set; } = 4 * MiB;

    /// <summary>Gets or sets how large the settings of one request may be: its output schema, and the parameters of its model. The default is 256 KiB.</summary>
    [Range(KiB, 16 * MiB)]
    public int SettingsBytes { get; set; } = 256 * KiB;

    /// <summary>Gets or sets how large the answers to a paused run may be, and what comes with the decision of an approval. The default is 16 MiB.</summary>
    [Range(KiB, 256 * MiB)]
    public int AnswerBytes { get; set; } = 16 * MiB;
}

[OptionsValidator]
[SuppressMessage("Maintainability", "CA1505:Avoid unmaintainable code", Justification = "Its code is generated.")]
internal sealed partial class FieldLimitsValidator : IValidateOptions<FieldLimits>;
