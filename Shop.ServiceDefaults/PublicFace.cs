using Microsoft.Extensions.DependencyInjection;

namespace Shop.ServiceDefaults;

/// <summary>Says that strangers can reach this process: they see how it is in one word, and details are for administrators.</summary>
public sealed class PublicFace;

/// <summary>Registers <see cref="PublicFace"/>.</summary>
public static class PublicFaceExtensions
{
    /// <summary>For the gateway.</summary>
    public static IServiceCollection AddPublicFace(this IServiceCollection services) => services.AddSingleton<PublicFace>();
}
