using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Identity;

namespace Shop.Users.SignIn;

/// <summary>What became of an attempt to sign in: a user; or a time to wait before the next attempt; or neither, for a wrong password.</summary>
internal readonly record struct SignInOutcome(User? User, TimeSpan Wait);

/// <summary>Signs in by e-mail address and password. An unknown address gets the same answer, after the same work, as a wrong password.</summary>
internal sealed class PasswordSignIn(UserManager<User> users, FailedSignIns failures)
{
    private static readonly User Nobody = new() { Name = "", CreatedAt = default };
    private static readonly string NobodysPassword = new PasswordHasher<User>().HashPassword(Nobody, Guid.NewGuid().ToString());

    public async Task<SignInOutcome> SignInAsync(string email, string password, HttpContext context)
    {
        var (address, cancellationToken) = (AddressOf(context), context.RequestAborted);
        if (await failures.GetDelayAsync(email, address, cancellationToken) is var wait && wait > TimeSpan.Zero)
            return new SignInOutcome(null, wait);

        var user = await users.FindByEmailAsync(email);
        if (user is null)
            users.PasswordHasher.VerifyHashedPassword(Nobody, NobodysPassword, password);
        else if (await users.CheckPasswordAsync(user, password))
        {
            await failures.ForgetAsync(email, address, cancellationToken);
            return new SignInOutcome(user, TimeSpan.Zero);
        }

        await failures.AddAsync(email, address, cancellationToken);
        return default;
    }

    /// <summary>The client's address as the gateway saw it. Of an IPv6 address only the network counts: a subscriber has all of it.</summary>
    private static string AddressOf(HttpContext context)
    {
        var forwarded = context.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim();
        var address = IPAddress.TryParse(forwarded, out var client) ? client : context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();

        var network = address.GetAddressBytes();
        network.AsSpan(8).Clear();
        return $"{new IPAddress(network)}/64";
    }
}
