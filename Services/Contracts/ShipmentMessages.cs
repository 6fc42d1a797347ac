namespace Shop.Contracts;

/// <summary>Where a parcel goes.</summary>
/// <param name="Name">The receiver.</param>
/// <param name="Line1">Street and number.</param>
/// <param name="Line2">Anything more, or null.</param>
/// <param name="City">The town.</param>
/// <param name="PostalCode">As the country writes it.</param>
/// <param name="Country">ISO 3166-1 alpha-2 code.</param>
public sealed record PostalAddress(string Name, string Line1, string? Line2, string City, string PostalCode, string Country)
{
    /// <summary>What stands where an address was that has been erased.</summary>
    public static PostalAddress Erased { get; } = new("", "", null, "", "", "");
}

/// <summary>To Shipping: arrange a parcel for this order.</summary>
public sealed record CreateShipment(Guid OrderId, PostalAddress Address);

/// <summary>A carrier will take the parcel.</summary>
public sealed record ShipmentCreated(Guid OrderId, Guid ShipmentId, string Carrier, string TrackingNumber);

/// <summary>No carrier takes the parcel; final.</summary>
public sealed record ShipmentFailed(Guid OrderId, string Reason);

/// <summary>To Shipping: keep the order's parcel from leaving. Answered by <see cref="ShipmentCancelled"/> or <see cref="ShipmentCancelRefused"/>.</summary>
public sealed record CancelShipment(Guid OrderId);

/// <summary>No parcel of this order will leave, and a late <see cref="CreateShipment"/> will be refused.</summary>
public sealed record ShipmentCancelled(Guid OrderId);

/// <summary>The parcel has left already.</summary>
public sealed record ShipmentCancelRefused(Guid OrderId);

/// <summary>The carrier has the parcel.</summary>
public sealed record ShipmentDispatched(Guid OrderId);

/// <summary>The customer has the parcel.</summary>
public sealed record ShipmentDelivered(Guid OrderId);
