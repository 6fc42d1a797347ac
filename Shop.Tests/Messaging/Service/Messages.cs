namespace Shop.Tests.Messaging.Service;

/// <summary>Adds to an account.</summary>
public sealed record Deposit(Guid AccountId, int Amount, string Behaviour = Behaviours.Succeed);

/// <summary>What <see cref="Deposit"/>'s consumer tells.</summary>
public sealed record Deposited(Guid AccountId, int Amount);

/// <summary>Adds to an account, in a transaction that others may share.</summary>
public sealed record Transfer(Guid AccountId, int Amount, string Behaviour = Behaviours.Succeed);

/// <summary>How <see cref="DepositConsumer"/> and <see cref="TransferConsumer"/> take a message.</summary>
public static class Behaviours
{
    public const string Succeed = "succeed";
    public const string FailOnce = "fail once";
    public const string FailSixTimes = "fail six times";
    public const string FailAlways = "fail always";
    public const string LoseConnectionOnce = "lose the connection once";
    public const string Hold = "hold until the gate opens";
    public const string ScheduleAndCancel = "schedule and cancel";
}

/// <summary>Something that was to come later.</summary>
public sealed record Reminder(Guid AccountId, string Text);

/// <summary>No service ever asked for it, and the table of routes does not know it.</summary>
public sealed record Orphan(Guid Id);

/// <summary>Its queue exists by the table of routes only: nobody consumes it.</summary>
public sealed record Deadly(Guid Id);

/// <summary>Counts one up in the saga of a tally.</summary>
public sealed record Counted(Guid TallyId);

/// <summary>Begins to wait in the saga of a tally, so long.</summary>
public sealed record WaitBegun(Guid TallyId, TimeSpan Patience);

/// <summary>Ends the wait in time.</summary>
public sealed record WaitEnded(Guid TallyId);

/// <summary>The wait of a tally took too long.</summary>
public sealed record WaitExpired(Guid TallyId);

/// <summary>Who must get what in the tests' service.</summary>
internal static class Routes
{
    public static IReadOnlyDictionary<Type, string[]> Queues { get; } = new Dictionary<Type, string[]>
    {
        [typeof(Deposit)] = ["deposit"],
        [typeof(Transfer)] = ["transfer"],
        [typeof(Deposited)] = ["receive-deposited"],
        [typeof(Reminder)] = ["receive-reminder"],
        [typeof(Deadly)] = ["deadly"],
        [typeof(Counted)] = ["tally"],
        [typeof(WaitBegun)] = ["tally"],
        [typeof(WaitEnded)] = ["tally"],
        [typeof(WaitExpired)] = ["tally"],
    };
}
