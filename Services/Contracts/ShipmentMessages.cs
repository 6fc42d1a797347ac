namespace Shop.Contracts;

/// <summary>Where a parcel goes.</summary>
/// <param name="Name">The receiver.</param>
/// <param name="Line1">Street and number.</param>
/// <param name="Line2">Anything more, or null.</param>
/// <param name="City">The town.</param>
/// <param name="PostalCode">As the country writes it.</param>
/// <param name="Country">ISO 3166-1 alpha-2 code.</param>
public sealed record PostalAddress(string Name, string Line1, string? Line2, string City, string PostalCode, string Country);

/// <summary>To Shipping: arrange a parcel for this order.</summary>
public sealed record CreateShipment(Guid OrderId, PostalAddress Address);

/// <summary>A carrier will take the parcel.</summary>
public sealed record ShipmentCreated(Guid OrderId, Guid ShipmentId, string Carrier, string TrackingNumber);

/// <summary>No carrier takes the parcel; final.</summary>
public sealed record ShipmentFailed(Guid OrderId, string Reason);
