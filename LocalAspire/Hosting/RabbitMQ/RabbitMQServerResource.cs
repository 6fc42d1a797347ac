namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>A private RabbitMQ server, run as an ordinary process.</summary>
/// <param name="name">Unique in the application.</param>
/// <param name="userName">The user's name; <c>guest</c> by default.</param>
/// <param name="password">The user's password.</param>
public sealed class RabbitMQServerResource(string name, ParameterResource? userName, ParameterResource password)
    : Resource(name), IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithEnvironment, IResourceWithWaitSupport
{
    /// <summary>Where it listens for AMQP.</summary>
    public EndpointReference PrimaryEndpoint => new(this, "tcp");

    /// <summary>Where the management plug-in listens for HTTP.</summary>
    public EndpointReference ManagementEndpoint => new(this, "management");

    /// <summary>The user's name, where it is not <c>guest</c>.</summary>
    public ParameterResource? UserNameParameter { get; } = userName;

    /// <summary>The user's password.</summary>
    public ParameterResource PasswordParameter { get; } = password;

    /// <summary>The user's name.</summary>
    public ReferenceExpression UserNameReference =>
        UserNameParameter is { } parameter ? ReferenceExpression.Create($"{parameter}") : ReferenceExpression.Create($"guest");

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"amqp://{UserNameReference:uri}:{PasswordParameter:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties()
    {
        yield return new("Host", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Host)}"));
        yield return new("Port", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Port)}"));
        yield return new("Username", UserNameReference);
        yield return new("Password", ReferenceExpression.Create($"{PasswordParameter}"));
        yield return new("Uri", ConnectionStringExpression);
    }
}
