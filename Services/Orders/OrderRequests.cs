using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Orders;

/// <summary>The body of <c>POST /api/v1/orders</c>. Prices are never taken from it.</summary>
/// <param name="UserId">Refused: who orders is in the token, and nowhere else.</param>
/// <param name="Items">What is ordered, 1 to 100 lines.</param>
/// <param name="ShippingAddress">Where it goes.</param>
/// <param name="PaymentMethod">The payment provider's reference, such as <c>tok_visa</c>.</param>
public sealed record PlaceOrderRequest(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? UserId,
    [property: Required, MinLength(1), MaxLength(100), NoNullItems] IReadOnlyList<OrderItemRequest> Items,
    [property: Required] AddressBody ShippingAddress,
    [property: Required, MaxLength(100)] string PaymentMethod) : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (UserId is not null)
            yield return new ValidationResult("The customer is whoever is signed in.", [nameof(UserId)]);
    }
}

/// <summary>A line of an order request.</summary>
public sealed record OrderItemRequest(
    [property: Required] Guid? ProductId,
    [property: Required, Range(1, 999)] int? Quantity);

/// <summary>A postal address as clients send and see it.</summary>
public sealed record AddressBody(
    [property: Required, MaxLength(200)] string Name,
    [property: Required, MaxLength(200)] string Line1,
    [property: MaxLength(200)] string? Line2,
    [property: Required, MaxLength(100)] string City,
    [property: Required, MaxLength(20)] string PostalCode,
    [property: Required, RegularExpression("^[A-Z]{2}$", ErrorMessage = "The country is a two-letter ISO 3166-1 code.")] string Country)
{
    internal PostalAddress ToAddress() => new(Name, Line1, Line2, City, PostalCode, Country);

    internal static AddressBody From(PostalAddress address) =>
        new(address.Name, address.Line1, address.Line2, address.City, address.PostalCode, address.Country);
}
