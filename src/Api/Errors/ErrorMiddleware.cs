using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Cluster.Api.Json;
using Cluster.Api.Validation;
using Cluster.Engine.Errors;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Errors;

/// <summary>The one place where refusals and failures become HTTP answers.</summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="options">The limits that messages name.</param>
/// <param name="logger">Where failures go.</param>
internal sealed partial class ErrorMiddleware(RequestDelegate next, IOptions<AgentOsOptions> options, ILogger<ErrorMiddleware> logger)
{
    /// <summary>What is away is looked for every second; what is full is so for a few.</summary>
    private const string RetryAfterSeconds = "2";

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever is not a refusal is a bug: it is logged, and nothing of it may leave the process.")]
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            await DescribeAsync(context);
        }
        catch (Exception error) when (IsBrokenOff(context, error))
        {
            // The client has gone; its run goes on, and there is nobody to tell.
        }
        catch (Exception error)
        {
            await AnswerAsync(context, error);
        }
    }

    /// <summary>Routing answers unknown paths and methods without a body.</summary>
    private static Task DescribeAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.ContentLength is not null || response.ContentType is not null)
        {
            return Task.CompletedTask;
        }

        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => JsonAnswer.WriteAsync(response, new ErrorResponse("Not Found"), ApiJson.Context.ErrorResponse),
            StatusCodes.Status405MethodNotAllowed => JsonAnswer.WriteAsync(response, new ErrorResponse("Method Not Allowed"), ApiJson.Context.ErrorResponse),
            _ => Task.CompletedTask,
        };
    }

    private async Task AnswerAsync(HttpContext context, Exception error)
    {
        var status = StatusOf(error);
        var traceId = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
        if (status == StatusCodes.Status500InternalServerError || IsInternal(error))
        {
            LogFailed(context.Request.Method, context.Request.Path, traceId, error);
        }

        if (context.Response.HasStarted)
        {
            // The status is out already: a broken connection is the only way left to say that the answer is not complete.
            context.Abort();
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        await (ItemsOf(error) is { } items
            ? JsonAnswer.WriteAsync(context.Response, new ValidationResponse(items), ApiJson.Context.ValidationResponse)
            : JsonAnswer.WriteAsync(context.Response, Describe(error, status, traceId), ApiJson.Context.ErrorResponse));
    }

    /// <summary>A client that breaks off while it sends has nobody left who could be told. What the server says of it names its own state, not a failure.</summary>
    private static bool IsBrokenOff(HttpContext context, Exception error) => error switch
    {
        OperationCanceledException or IOException or InvalidOperationException => context.RequestAborted.IsCancellationRequested,
        _ => false,
    };

    private static IReadOnlyList<ValidationItem>? ItemsOf(Exception error) => error switch
    {
        ValidationException invalid => invalid.Items,
        TooLargeException large => [ValidationItem.TooLarge(large)],
        _ => null,
    };

    private static int StatusOf(Exception error) => error switch
    {
        ValidationException or TooLargeException => StatusCodes.Status422UnprocessableEntity,
        ApiException api => api.StatusCode,
        BadHttpRequestException bad => bad.StatusCode,
        InvalidRequestException => StatusCodes.Status400BadRequest,
        ForbiddenException => StatusCodes.Status403Forbidden,
        NotFoundException => StatusCodes.Status404NotFound,
        ConflictException => StatusCodes.Status409Conflict,
        UnavailableException or FencedException or OutOfMemoryException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>What is away is the operator's business; callers only learn that they may try again.</summary>
    private static bool IsInternal(Exception error) => error is UnavailableException { IsForCallers: false } or OutOfMemoryException;

    private ErrorResponse Describe(Exception error, int status, string traceId) => status switch
    {
        StatusCodes.Status500InternalServerError => new ErrorResponse("Internal Server Error", traceId),
        StatusCodes.Status413PayloadTooLarge => new ErrorResponse(ApiException.TooLarge(options.Value.MaxBodyBytes).Message),
        _ when error is OutOfMemoryException => new ErrorResponse("The server has not enough memory for this request now. Send less, or try again later.", traceId),
        _ when IsInternal(error) => new ErrorResponse("The store is not available right now. Try again later.", traceId),
        _ => new ErrorResponse(error.Message),
    };
}
