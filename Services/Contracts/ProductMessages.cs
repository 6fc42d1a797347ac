namespace Shop.Contracts;

/// <summary>There is a new product: whoever keeps something of each product makes room for it.</summary>
public sealed record ProductCreated(Guid ProductId);
