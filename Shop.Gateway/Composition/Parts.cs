using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Polly;
using Shop.Gateway.Resilience;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Shop.Gateway.Composition;

/// <summary>
/// Asks services for the parts of an answer that the gateway composes, in the caller's name: of the same replicas, with the same client and
/// behind the same guards as requests that are passed on.
/// </summary>
internal sealed partial class Parts(IProxyStateLookup proxy, ClusterGuards guards, IOptions<ResilienceOptions> options, ILogger<Parts> logger)
{
    private readonly TimeSpan _patience = options.Value.PartTimeout;

    /// <summary>How long one replica may take: no longer than leaves time to ask another.</summary>
    private readonly TimeSpan _attempt = TimeSpan.FromTicks(Math.Min(options.Value.AttemptTimeout.Ticks, options.Value.PartTimeout.Ticks / 2));

    public async Task<Part> GetAsync(HttpContext caller, string service, string path)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(caller.RequestAborted);
        patience.CancelAfter(_patience);
        var call = ResilienceContextPool.Shared.Get(patience.Token);
        try
        {
            var question = new Question(caller, Find(service), path);
            var outcome = await guards[service].ExecuteOutcomeAsync(
                async (call, question) => await guards.Retry.ExecuteOutcomeAsync(AskAsync, call, question), call, question);
            caller.RequestAborted.ThrowIfCancellationRequested();
            if (outcome.Result == Verdict.Answered)
                return question.Answer;

            LogNoAnswer(outcome.Exception ?? question.Failure, service);
            return Part.Unavailable;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(call);
        }
    }

    private ClusterState Find(string service) =>
        proxy.TryGetCluster(service, out var cluster) ? cluster : throw new InvalidOperationException($"There is no cluster '{service}'.");

    private async ValueTask<Outcome<Verdict>> AskAsync(ResilienceContext call, Question question)
    {
        var replica = question.PickReplica();
        if (replica is null)
            return Outcome.FromResult(Verdict.Failed);

        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        attempt.CancelAfter(_attempt);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(replica.Model.Config.Address), question.Path));
            request.Headers.TryAddWithoutValidation(HeaderNames.Authorization, (string?)question.Caller.Request.Headers.Authorization);
            using var response = await question.Cluster.Model.HttpClient.SendAsync(request, attempt.Token);
            if (Forwarding.IsFailure((int)response.StatusCode))
                return Outcome.FromResult(Verdict.FailedAndRepeatable);

            question.Answer = new Part((int)response.StatusCode, await ReadAsync(response, attempt.Token));
            return Outcome.FromResult(Verdict.Answered);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            question.Failure = failure;
            return Outcome.FromResult(Verdict.FailedAndRepeatable);
        }
        catch (OperationCanceledException late)
        {
            question.Failure = late;
            return Outcome.FromResult(
                question.Caller.RequestAborted.IsCancellationRequested ? Verdict.Nobody
                : call.CancellationToken.IsCancellationRequested ? Verdict.Failed
                : Verdict.FailedAndRepeatable);
        }
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json"
            ? await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken)
            : null;

    [LoggerMessage(LogLevel.Warning, "{Service} has not given its part of an answer")]
    private partial void LogNoAnswer(Exception? failure, string service);

    /// <summary>What is asked of whom, and what came of it; each time of another replica, where there is one.</summary>
    private sealed class Question(HttpContext caller, ClusterState cluster, string path)
    {
        private readonly List<DestinationState> _tried = [];

        public HttpContext Caller => caller;

        public ClusterState Cluster => cluster;

        public string Path => path;

        public Part Answer { get; set; }

        public Exception? Failure { get; set; }

        public DestinationState? PickReplica()
        {
            var available = cluster.DestinationsState.AvailableDestinations;
            var fresh = available.Except(_tried).ToArray();
            var choice = fresh.Length > 0 ? fresh : [.. available];
            if (choice.Length == 0)
                return null;

            _tried.Add(choice[Random.Shared.Next(choice.Length)]);
            return _tried[^1];
        }
    }
}

/// <summary>What a service gave: its status, and its JSON where it had any.</summary>
/// <param name="Status">0 where the service is not there.</param>
/// <param name="Body">The JSON, problems included.</param>
internal readonly record struct Part(int Status, JsonNode? Body)
{
    public static readonly Part Unavailable;

    public bool IsThere => Status is >= 200 and < 300;

    /// <summary>Whether the service said that what was asked for does not exist (yet).</summary>
    public bool IsNothing => Status == StatusCodes.Status404NotFound;

    /// <summary>Whether the service refused the question, and the caller should hear why.</summary>
    public bool IsRefusal => Status is >= 400 and < 500;

    /// <summary>The service's refusal in its own words.</summary>
    public IResult ToResult() => Results.Json(Body, contentType: "application/problem+json", statusCode: Status);
}
