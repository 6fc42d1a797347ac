using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Shop.Gateway.Edge;

/// <summary>Limits by client: the user where one is signed in, otherwise the address. Routes name the policies that hold for them besides.</summary>
internal static class RateLimits
{
    /// <summary>The policy of routes that place orders.</summary>
    public const string Orders = "orders";

    /// <summary>The policy of routes that take passwords.</summary>
    public const string SignIns = "sign-ins";

    /// <summary>The policy of routes that answer with a stream of events.</summary>
    public const string Streams = "streams";

    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimitOptions>>((limiter, limits) => Configure(limiter, limits.Value));
        return services.AddRateLimiter(_ => { });
    }

    private static void Configure(RateLimiterOptions limiter, RateLimitOptions limits)
    {
        // Made once: the limiter asks for the partition of every request.
        Func<Client, TokenBucketRateLimiterOptions> requests = _ => new()
        {
            TokenLimit = limits.RequestsPerSecond,
            TokensPerPeriod = limits.RequestsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        };
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, Client>(
            context => RateLimitPartition.GetTokenBucketLimiter(ClientOf(context), requests));
        limiter.AddPolicy(Orders, context => RateLimitPartition.GetSlidingWindowLimiter(ClientOf(context), _ => PerMinute(limits.OrdersPerMinute)));
        limiter.AddPolicy(SignIns, context => RateLimitPartition.GetSlidingWindowLimiter(AddressOf(context), _ => PerMinute(limits.SignInsPerMinute)));
        limiter.AddPolicy(Streams, context => RateLimitPartition.GetConcurrencyLimiter(
            ClientOf(context), _ => new ConcurrencyLimiterOptions { PermitLimit = limits.StreamsPerUser }));
        limiter.OnRejected = RefuseAsync;
    }

    private static SlidingWindowRateLimiterOptions PerMinute(int permits) =>
        new() { PermitLimit = permits, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6 };

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellationToken) =>
        await Refusal.WriteAsync(
            rejected.HttpContext,
            StatusCodes.Status429TooManyRequests,
            "That is more than one client may ask for in this time.",
            rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(10));

    private static Client ClientOf(HttpContext context) =>
        context.User.FindFirst(JwtRegisteredClaimNames.Sub)?.Value is { } userId ? new(userId, null) : new(null, AddressOf(context));

    /// <summary>Of an IPv6 address only the network counts: a subscriber has all of it.</summary>
    private static IPAddress AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;

        Span<byte> network = stackalloc byte[16];
        address.TryWriteBytes(network, out _);
        network[8..].Clear();
        return new IPAddress(network);
    }

    private readonly record struct Client(string? UserId, IPAddress? Address);
}
