using System.Diagnostics;
using System.Globalization;
using LocalAspire.Hosting.ApplicationModel;
using LocalAspire.Hosting.Engine;

namespace LocalAspire.Hosting.RabbitMQ;

/// <summary>Prepares the process of a RabbitMQ server: everything that it would share with another is made its own.</summary>
internal sealed class RabbitMQServer(RabbitMQServerResource server)
{
    private (int Epmd, int Distribution)? _ports;

    public async Task<Launch> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var script = FindScript();
        var home = instance.Engine.DataDirectoryOf(server);
        var (epmdPort, distributionPort) = _ports ??= (instance.Engine.Ports.Next(), instance.Engine.Ports.Next());
        DataDirectory.CreatePrivate(home);
        EnsureUnused(home);
        await File.WriteAllTextAsync(Path.Combine(home, "rabbitmq.conf"), await ConfigurationAsync(cancellationToken), cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(home, "enabled_plugins"), server.ManagementEndpoint.Exists ? "[rabbitmq_management]." : "[].", cancellationToken);
        // Paths with blanks would fall apart in the script's arguments: this one, unlike the program's own, has none.
        File.Copy(Path.Combine(AppContext.BaseDirectory, "rabbitmq-stop.erl"), Path.Combine(home, "stop.erl"), overwrite: true);
        return new(script, [], home, new Dictionary<string, string>
        {
            ["HOME"] = home, // the Erlang cookie is there
            ["RABBITMQ_NODENAME"] = "rabbit@localhost",
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(home, "rabbitmq"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(home, "advanced"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(home, "enabled_plugins"),
            ["RABBITMQ_PLUGINS_EXPAND_DIR"] = Path.Combine(home, "plugins"),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(home, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(home, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(home, "pid"),
            ["RABBITMQ_DIST_PORT"] = distributionPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_PORT"] = epmdPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_CRASH_DUMP_SECONDS"] = "0",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                $"-kernel inet_dist_use_interface {{127,0,0,1}} -run file eval {Path.Combine(home, "stop.erl")}",
            ["RUNNING_UNDER_SYSTEMD"] = "true", // the script becomes the server: signals and the process id are the server's own
        })
        {
            StopSignal = instance.Engine.Keeps(server) ? "TERM" : "KILL", // a graceful end takes two seconds, for nothing where all is thrown away
        };
    }

    /// <summary>Unlike Postgres, RabbitMQ would not notice another server on its data: one whose AppHost and guard were both killed.</summary>
    private static void EnsureUnused(string home)
    {
        var pidFile = Path.Combine(home, "pid");
        if (!File.Exists(pidFile) || !int.TryParse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture, out var processId))
            return;
        try
        {
            using var process = Process.GetProcessById(processId);
            if (process.ProcessName.StartsWith("beam", StringComparison.Ordinal))
                throw new DistributedApplicationException(
                    $"A RabbitMQ server of an earlier run (process {processId}) still works on the data in {home}. End it: kill {processId}");
        }
        catch (ArgumentException)
        {
            // It is gone.
        }
    }

    private async Task<string> ConfigurationAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>
        {
            $"listeners.tcp.local = 127.0.0.1:{server.PrimaryEndpoint.Port}",
            $"default_user = {await server.UserNameReference.GetValueAsync(cancellationToken)}",
            $"default_pass = {server.PasswordParameter.Value}",
            "log.console = true", "log.console.level = info", "log.file = false",
        };
        if (server.ManagementEndpoint.Exists)
            lines.AddRange(["management.tcp.ip = 127.0.0.1", $"management.tcp.port = {server.ManagementEndpoint.Port}"]);
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The server's own script; what distributions put on PATH insists on their user and directories.</summary>
    /// <exception cref="DistributedApplicationException">There is none.</exception>
    public static string FindScript()
    {
        var onPath = Session.FindOrNull("rabbitmq-server") is { } path ? new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path : null;
        var candidates = Scripts("/usr/lib/rabbitmq/lib", "rabbitmq_server-*", "sbin")
            .Concat(onPath is not null && File.Exists(Path.Combine(Path.GetDirectoryName(onPath)!, "rabbitmq-env")) ? [onPath] : [])
            .Concat(Scripts("/opt/homebrew/opt", "rabbitmq", "sbin")).Concat(Scripts("/usr/local/opt", "rabbitmq", "sbin"));
        return candidates.FirstOrDefault() ?? throw new DistributedApplicationException(OperatingSystem.IsMacOS()
            ? "No RabbitMQ server was found. Install it: brew install rabbitmq"
            : "No RabbitMQ server was found. Install it: sudo apt-get install rabbitmq-server (Debian, Ubuntu), or put 'rabbitmq-server' on PATH.");
    }

    private static IEnumerable<string> Scripts(string root, string pattern, string directory) => Directory.Exists(root)
        ? Directory.GetDirectories(root, pattern).OrderDescending().Select(d => Path.Combine(d, directory, "rabbitmq-server")).Where(File.Exists)
        : [];
}
