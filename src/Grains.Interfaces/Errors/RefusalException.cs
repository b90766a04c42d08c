using Cluster.Engine.Errors;

namespace Cluster.Grains.Interfaces.Errors;

/// <summary>An <see cref="EngineException"/> on its way through a grain call. Callers never see it: it is turned back where it arrives.</summary>
[GenerateSerializer]
[Alias("cluster.refusal")]
public sealed class RefusalException : Exception
{
    /// <summary>Packs an exception.</summary>
    /// <param name="refusal">The exception.</param>
    public RefusalException(EngineException refusal)
        : base(refusal?.Message)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        Kind = refusal.GetType().Name;
        IsForCallers = refusal is UnavailableException { IsForCallers: true };
        if (refusal is TooLargeException large)
        {
            (Field, Size, Limit, Option, Unit) = (large.Field, large.Size, large.Limit, large.Option, large.Unit);
        }
    }

    /// <summary>Gets the name of the exception's type.</summary>
    [Id(0)]
    public string Kind { get; private set; }

    /// <summary>Gets a value indicating whether callers may read the message of an <see cref="UnavailableException"/>.</summary>
    [Id(1)]
    public bool IsForCallers { get; private set; }

    /// <summary>Gets the field of a <see cref="TooLargeException"/>; null for other kinds.</summary>
    [Id(2)]
    public string? Field { get; private set; }

    /// <summary>Gets how large the field is.</summary>
    [Id(3)]
    public long Size { get; private set; }

    /// <summary>Gets how large the field may be.</summary>
    [Id(4)]
    public long Limit { get; private set; }

    /// <summary>Gets the setting of the limit; null where there is none.</summary>
    [Id(5)]
    public string? Option { get; private set; }

    /// <summary>Gets what is counted; null for other kinds.</summary>
    [Id(6)]
    public string? Unit { get; private set; }

    /// <summary>Unpacks the exception.</summary>
    /// <returns>An exception of the same kind with the same message.</returns>
    public EngineException Unpack() => Kind switch
    {
        nameof(InvalidRequestException) => new InvalidRequestException(Message),
        nameof(NotFoundException) => new NotFoundException(Message),
        nameof(ConflictException) => new ConflictException(Message),
        nameof(ForbiddenException) => new ForbiddenException(Message),
        nameof(TooLargeException) => new TooLargeException(Field ?? string.Empty, Size, Limit, Option, Unit ?? "bytes"),
        nameof(FencedException) => new FencedException(Message),
        _ => new UnavailableException(Message) { IsForCallers = IsForCallers },
    };
}
