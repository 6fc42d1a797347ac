namespace LocalAspire.Client;

/// <summary>What <see cref="NpgsqlDbContextExtensions.AddNpgsqlDbContext{TContext}"/> switches on; read from <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c>.</summary>
public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary>The connection string; by default <c>ConnectionStrings:NAME</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether a failed operation is not repeated. A retrying context refuses transactions that its user begins.</summary>
    public bool DisableRetry { get; set; }

    /// <summary>Whether the context adds no health check.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether Npgsql's spans are not collected.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Whether Npgsql's metrics are not collected.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>How long a command may take, in seconds; Npgsql's own default (30) where null.</summary>
    public int? CommandTimeout { get; set; }
}
