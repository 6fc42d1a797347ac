using System.Globalization;
using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;

namespace LocalAspire.Hosting.Postgres;

/// <summary>Prepares the process of a Postgres server: its data directory, its settings, and the user it runs as.</summary>
internal sealed class PostgresServer(PostgresServerResource server)
{
    public async Task<Launch> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var home = instance.Engine.DataDirectoryOf(server);
        var data = Path.Combine(home, "data");
        var versionFile = Path.Combine(data, "PG_VERSION");
        var installation = PostgresInstallation.Find(File.Exists(versionFile) ? (await File.ReadAllTextAsync(versionFile, cancellationToken)).Trim() : null);
        if (!File.Exists(versionFile))
            await InitializeAsync(instance, installation, home, data, cancellationToken);
        var port = server.PrimaryEndpoint.Port.ToString(CultureInfo.InvariantCulture);
        return AsServerUser(installation, home, "postgres",
            "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300",
            "-c", "shared_buffers=64MB", "-c", "log_line_prefix=", "-c", "logging_collector=off", "-c", "log_destination=stderr")
            with { StopSignal = "INT", StopTimeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>What is wrong with the server, or null. While it starts it only says so in its file: whoever connects then, it logs as a fatal error.</summary>
    public async Task<string?> AskAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var status = Path.Combine(instance.Engine.DataDirectoryOf(server), "data", "postmaster.pid");
        return File.Exists(status) && await File.ReadAllLinesAsync(status, cancellationToken) is [.., var last] && last.Trim() == "ready"
            ? await PostgresSql.AskAsync(server, "postgres", cancellationToken)
            : "It is not ready yet.";
    }

    /// <summary>The parts of a connection, as Aspire names them.</summary>
    public static IEnumerable<KeyValuePair<string, ReferenceExpression>> Properties(
        PostgresServerResource server, ReferenceExpression userName, ReferenceExpression password, string? database)
    {
        var (host, port) = (server.PrimaryEndpoint.Property(EndpointProperty.Host), server.PrimaryEndpoint.Property(EndpointProperty.Port));
        var path = database is null ? "" : $"/{database}";
        yield return new("Host", ReferenceExpression.Create($"{host}"));
        yield return new("Port", ReferenceExpression.Create($"{port}"));
        yield return new("Username", userName);
        yield return new("Password", password);
        yield return new("Uri", ReferenceExpression.Create($"postgresql://{userName:uri}:{password:uri}@{host}:{port}{path}"));
        yield return new("JdbcConnectionString", ReferenceExpression.Create($"jdbc:postgresql://{host}:{port}{path}"));
        if (database is not null)
            yield return new("DatabaseName", ReferenceExpression.Create($"{database}"));
    }

    /// <summary>Makes the data in a directory beside, and moves them when they are complete: a run that is killed here leaves no half.</summary>
    private async Task InitializeAsync(
        ResourceInstance instance, PostgresInstallation installation, string home, string data, CancellationToken cancellationToken)
    {
        DataDirectory.CreatePrivate(home);
        var (incomplete, passwordFile) = (Path.Combine(home, "incomplete"), Path.Combine(home, "password"));
        if (Directory.Exists(incomplete))
            Directory.Delete(incomplete, recursive: true);
        await File.WriteAllTextAsync(passwordFile, server.PasswordParameter.Value, cancellationToken);
        File.SetUnixFileMode(passwordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (ServerUser is { } user)
            await RunAsync(instance, new(Session.Find("chown"), ["-R", $"{user.Id}:{user.Group}", home], "/", NoEnvironment), cancellationToken);
        await RunAsync(instance, AsServerUser(installation, home, "initdb",
            "-D", incomplete, "-U", (await server.UserNameReference.GetValueAsync(cancellationToken))!, $"--pwfile={passwordFile}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"), cancellationToken);
        File.Delete(passwordFile);
        Directory.Move(incomplete, data);
    }

    private static async Task RunAsync(ResourceInstance instance, Launch launch, CancellationToken cancellationToken)
    {
        using var process = instance.Engine.Spawn(launch, Stage.Services, instance.Log);
        if (await process.Exited.WaitAsync(cancellationToken) is not 0 and var exitCode)
            throw new DistributedApplicationException(
                $"'{Path.GetFileName(launch.FileName)}' failed with exit code {exitCode}: "
                + string.Join(Environment.NewLine, instance.Log.Tail(5).Select(line => line.Content)));
    }

    /// <summary>Postgres refuses to run as root: then it runs as another user, in a process that keeps its id.</summary>
    private static Launch AsServerUser(PostgresInstallation installation, string home, string program, params string[] arguments)
    {
        var path = Path.Combine(installation.Directory, program);
        return ServerUser is { } user
            ? new(Session.Find("setpriv"), ["--reuid", user.Id, "--regid", user.Group, "--clear-groups", path, .. arguments], home, NoEnvironment)
            : new(path, arguments, home, NoEnvironment);
    }

    private static Dictionary<string, string> NoEnvironment => new() { ["LC_ALL"] = "C" };

    private static (string Id, string Group)? ServerUser => !Environment.IsPrivilegedProcess ? null
        : (from line in File.ReadLines("/etc/passwd")
           let fields = line.Split(':')
           where fields[0] is "postgres" or "nobody"
           orderby fields[0] descending
           select (fields[2], fields[3])).First();
}
