namespace Shop.Contracts;

/// <summary>An account has been deleted: whoever keeps something personal of the user erases it.</summary>
public sealed record UserDeleted(Guid UserId);

/// <summary>A user has chosen what to be told.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Wanted">Some of <see cref="NotificationKinds"/>.</param>
/// <param name="Version">Grows with each choice; an older one that arrives later is ignored.</param>
public sealed record NotificationPreferencesChanged(Guid UserId, IReadOnlyList<string> Wanted, long Version);

/// <summary>
/// To whoever keeps the address or the means of payment of an order that has come to its end: its customer has been deleted, so they are to
/// be erased.
/// </summary>
public sealed record OrderAddressErased(Guid OrderId);

/// <summary>What a customer can be told.</summary>
public static class NotificationKinds
{
    /// <summary>All of them, named as the facts they tell.</summary>
    public static IReadOnlyList<string> All { get; } = [nameof(OrderConfirmed), nameof(OrderShipped), nameof(OrderDelivered), nameof(OrderCancelled)];
}
