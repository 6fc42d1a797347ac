namespace Shop.Inventory;

/// <summary>How much there is of one product, in pieces: 0 ≤ held ≤ on hand, always.</summary>
public sealed class StockItem
{
    private bool _availabilityChanged;

    /// <summary>The product.</summary>
    public required Guid ProductId { get; init; }

    /// <summary>What lies on the shelf.</summary>
    public int OnHand { get; private set; }

    /// <summary>What of it is promised to orders.</summary>
    public int Held { get; private set; }

    /// <summary>Grows with each change.</summary>
    public long Version { get; private set; }

    /// <summary>What can still be reserved.</summary>
    public int Available => OnHand - Held;

    /// <summary>Promises pieces to an order.</summary>
    public void Hold(int quantity) => Change(0, quantity);

    /// <summary>Takes a promise back.</summary>
    public void Unhold(int quantity) => Change(0, -quantity);

    /// <summary>Takes promised pieces off the shelf.</summary>
    public void TakeHeld(int quantity) => Change(-quantity, -quantity);

    /// <summary>Puts pieces that had been taken back on the shelf.</summary>
    public void Return(int quantity) => Change(quantity, 0);

    /// <summary>Sets what lies on the shelf after a count or a delivery.</summary>
    public void CountOnHand(int onHand) => Change(onHand - OnHand, 0);

    /// <summary>Whether it has been sold out or become available again since this was last asked.</summary>
    public bool TakeAvailabilityChange() => Interlocked.Exchange(ref _availabilityChanged, false);

    private void Change(int onHand, int held)
    {
        if (OnHand + onHand < Held + held || Held + held < 0)
        {
            throw new InvalidOperationException(
                $"Product {ProductId}: {OnHand} on hand and {Held} held cannot change by {onHand} and {held}.");
        }

        var wasAvailable = Available > 0;
        OnHand += onHand;
        Held += held;
        _availabilityChanged |= wasAvailable != Available > 0;
        Version++;
    }
}
