namespace LocalAspire.Hosting.ApplicationModel;

/// <summary>The states that a resource goes through.</summary>
public static class KnownResourceStates
{
    /// <summary>Its process is being started.</summary>
    public static readonly string Starting = nameof(Starting);

    /// <summary>Its process lives.</summary>
    public static readonly string Running = nameof(Running);

    /// <summary>Its process could not be started, or what it waits for failed.</summary>
    public static readonly string FailedToStart = nameof(FailedToStart);

    /// <summary>What runs it is not well.</summary>
    public static readonly string RuntimeUnhealthy = nameof(RuntimeUnhealthy);

    /// <summary>Its process was asked to end.</summary>
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>Its process was ended, or died.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>Its process ended by itself with exit code 0.</summary>
    public static readonly string Finished = nameof(Finished);

    /// <summary>It waits for other resources.</summary>
    public static readonly string Waiting = nameof(Waiting);

    /// <summary>Nobody has told it to start.</summary>
    public static readonly string NotStarted = nameof(NotStarted);

    /// <summary>It is in use; said of resources that nothing is started for.</summary>
    public static readonly string Active = nameof(Active);

    /// <summary>The states in which nothing runs any more.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>The commands that every resource with a process has.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts it.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops it.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops it and starts it again.</summary>
    public static readonly string RestartCommand = "restart";
}
