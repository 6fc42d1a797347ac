namespace Shop.Tests.WholeSystem;

/// <summary>A shop on a machine that does much else: how fast its parts answer each other is not what the tests look at.</summary>
internal static class PatientShop
{
    /// <summary>How long it may take to start.</summary>
    public static readonly TimeSpan Start = TimeSpan.FromMinutes(10);

    /// <summary>The gateway and the sagas wait longer for what is slow, and the gateway asks soon again what was away.</summary>
    public static readonly string[] Settings =
    [
        "--Resilience:BreakDuration=00:00:01", "--Resilience:PartTimeout=00:01:00",
        "--Orders:Timeouts:Stock=00:05:00", "--Orders:Timeouts:Payment=00:05:00", "--Orders:Timeouts:Shipment=00:05:00",
    ];
}
