using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>How one process of a resource (or a resource without processes) stands at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>What kind of resource it is, such as <c>Project</c>.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Further facts, such as the process id.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>When the resource was made, in UTC.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When its process was last started, in UTC.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When its process last ended, in UTC.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>One of <see cref="KnownResourceStates"/>.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>The exit code of a process that has ended; 128 + N for one ended by signal N.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why the resource failed, in words for its user.</summary>
    public string? Failure { get; init; }

    /// <summary>The worst of the health reports while the resource runs; null while it does not.</summary>
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running ? null
        : HealthReports.IsDefaultOrEmpty ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
        : HealthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);

    /// <summary>The last answer of each health check.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; init; } = [];

    /// <summary>The environment variables given to the process, besides those it inherited.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Where the resource can be reached.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>What it can be told to do.</summary>
    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    /// <summary>What it has to do with other resources.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>Which of several processes of the resource it is, counted from 0.</summary>
    internal int Replica { get; init; }

    /// <summary>Whether it is left out of what users are shown.</summary>
    public bool IsHidden { get; init; }

    internal bool IsTerminal => State is { Text: var text } && KnownResourceStates.TerminalStates.Contains(text);
}

/// <summary>A state and how it looks.</summary>
/// <param name="Text">One of <see cref="KnownResourceStates"/>.</param>
/// <param name="Style"><c>success</c>, <c>error</c>, <c>info</c>, <c>warning</c> or null.</param>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state without a style.</summary>
    public static implicit operator ResourceStateSnapshot?(string? text) => FromString(text);

    /// <summary>A state without a style.</summary>
    public static ResourceStateSnapshot? FromString(string? text) => text is null ? null : new(text, null);
}

/// <summary>An environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsFromSpec">Whether the model set it, and not the environment of the AppHost.</param>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>A URL.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="Url">The address.</param>
/// <param name="IsInternal">Whether it is for the application itself only.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>Shown in place of the URL; may be empty.</summary>
    public string DisplayName { get; init; } = "";
}

/// <summary>A link to another resource.</summary>
/// <param name="ResourceName">The other resource.</param>
/// <param name="Type"><c>Reference</c>, <c>WaitFor</c> or <c>Parent</c>.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);

/// <summary>A fact.</summary>
/// <param name="Name">Its name, such as <c>executable.pid</c>.</param>
/// <param name="Value">Its value.</param>
public sealed record ResourcePropertySnapshot(string Name, object? Value);

/// <summary>A command and whether it can be given now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Whether it can be given now.</param>
/// <param name="DisplayName">What users see.</param>
/// <param name="DisplayDescription">What it does.</param>
/// <param name="ConfirmationMessage">A question to ask first.</param>
/// <param name="IconName">The name of an icon.</param>
/// <param name="IsHighlighted">Whether it is offered first.</param>
public sealed record ResourceCommandSnapshot(
    string Name, ResourceCommandState State, string DisplayName, string? DisplayDescription, string? ConfirmationMessage, string? IconName, bool IsHighlighted);

/// <summary>The last answer of a health check.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="Status">Null before the first answer.</param>
/// <param name="Description">What is wrong.</param>
/// <param name="ExceptionText">The exception behind it.</param>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText);
