using LocalAspire.Hosting.Postgres;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>A private Postgres server, run as an ordinary process.</summary>
/// <param name="name">Unique in the application.</param>
/// <param name="userName">The superuser's name; <c>postgres</c> by default.</param>
/// <param name="password">The superuser's password.</param>
public sealed class PostgresServerResource(string name, ParameterResource? userName, ParameterResource password)
    : Resource(name), IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithEnvironment, IResourceWithWaitSupport
{
    private readonly Dictionary<string, string> _databases = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where it listens.</summary>
    public EndpointReference PrimaryEndpoint => new(this, "tcp");

    /// <summary>The superuser's name, where it is not <c>postgres</c>.</summary>
    public ParameterResource? UserNameParameter { get; } = userName;

    /// <summary>The superuser's password.</summary>
    public ParameterResource PasswordParameter { get; } = password;

    /// <summary>The databases: names of resources and of the databases themselves.</summary>
    public IReadOnlyDictionary<string, string> Databases => _databases;

    /// <summary>The superuser's name.</summary>
    public ReferenceExpression UserNameReference =>
        UserNameParameter is { } parameter ? ReferenceExpression.Create($"{parameter}") : ReferenceExpression.Create($"postgres");

    /// <summary>Connects as superuser.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Address};Username={UserNameReference};Password={PasswordParameter}");

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
        PostgresServer.Properties(this, UserNameReference, ReferenceExpression.Create($"{PasswordParameter}"), null);

    internal ReferenceExpression Address => ReferenceExpression.Create(
        $"Host={PrimaryEndpoint.Property(EndpointProperty.Host)};Port={PrimaryEndpoint.Property(EndpointProperty.Port)}");

    internal void AddDatabase(string resourceName, string databaseName) => _databases.Add(resourceName, databaseName);
}

/// <summary>A database, with a role of the same name that owns it and nothing else.</summary>
/// <param name="name">Unique in the application.</param>
/// <param name="databaseName">The database's own name.</param>
/// <param name="parent">The server that it is on.</param>
/// <param name="password">The password of its role.</param>
public sealed class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent, ParameterResource password)
    : Resource(name), IResourceWithParent<PostgresServerResource>, IResourceWithConnectionString
{
    /// <inheritdoc/>
    public PostgresServerResource Parent { get; } = parent;

    /// <summary>The database's own name, which is also that of its role.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>The password of its role, made anew for each run.</summary>
    public ParameterResource PasswordParameter { get; } = password;

    /// <summary>Connects as the role that owns the database.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"{Parent.Address};Username={DatabaseName};Password={PasswordParameter};Database={DatabaseName}");

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => PostgresServer.Properties(
        Parent, ReferenceExpression.Create($"{DatabaseName}"), ReferenceExpression.Create($"{PasswordParameter}"), DatabaseName);
}
