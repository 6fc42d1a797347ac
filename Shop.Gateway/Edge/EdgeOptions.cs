using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Shop.Gateway.Edge;

/// <summary>The section <c>Edge</c>: whom the gateway believes, and which pages may call it.</summary>
internal sealed class EdgeOptions : IValidatableObject
{
    public const string Section = "Edge";

    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>) of the proxies in front, whose <c>X-Forwarded-For</c> and <c>-Proto</c> are believed.</summary>
    public string[] TrustedProxies { get; init; } = [];

    /// <summary>Origins (<c>https://shop.example.com</c>) whose pages may call the API from a browser.</summary>
    public string[] AllowedOrigins { get; init; } = [];

    public IEnumerable<IPNetwork> TrustedNetworks => TrustedProxies.Select(proxy => TryParse(proxy)!.Value);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var proxy in TrustedProxies.Where(proxy => TryParse(proxy) is null))
            yield return new ValidationResult($"{Section}:TrustedProxies: '{proxy}' is neither an address nor a network such as 10.0.0.0/8.");
        foreach (var origin in AllowedOrigins.Where(origin => !IsOrigin(origin)))
            yield return new ValidationResult($"{Section}:AllowedOrigins: '{origin}' is not an origin such as https://shop.example.com.");
    }

    private static IPNetwork? TryParse(string proxy) =>
        IPNetwork.TryParse(proxy, out var network) ? network
        : IPAddress.TryParse(proxy, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;

    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == origin;
}
