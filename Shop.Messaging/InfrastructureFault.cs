using Npgsql;

namespace Shop.Messaging;

/// <summary>Tells a database that is away, busy or restarting, which passes by itself, from a message that cannot be handled.</summary>
internal static class InfrastructureFault
{
    /// <summary>Whether the reason, however deep, is one that waiting cures: no connection, a restart, a deadlock, a lost race.</summary>
    public static bool IsIn(Exception? exception) => exception switch
    {
        null => false,
        PostgresException { SqlState: { } state } when IsTransient(state) => true,
        NpgsqlException { IsTransient: true } => true,
        AggregateException aggregate => aggregate.InnerExceptions.Any(IsIn),
        _ => IsIn(exception.InnerException),
    };

    private static bool IsTransient(string sqlState) =>
        sqlState.StartsWith("08", StringComparison.Ordinal)
        || sqlState.StartsWith("57P0", StringComparison.Ordinal)
        || sqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.TooManyConnections;
}
