using System.Runtime.InteropServices;
using Shop.Bench;
using Shop.Bench.Chaos;
using Shop.Bench.Dashboard;
using Shop.Bench.Orders;
using Shop.Bench.Reads;
using Shop.Bench.Telemetry;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return args switch
    {
        ["orders", .. var options] => await OrdersBench.RunAsync(CommandLine.Parse(options, "concurrency", "orders", "json"), stop.Token),
        ["growth", .. var options] => await GrowthBench.RunAsync(CommandLine.Parse(options, "orders", "seen", "finished", "json"), stop.Token),
        ["gateway", .. var options] => await GatewayBench.RunAsync(CommandLine.Parse(options, "concurrency", "seconds", "json"), stop.Token),
        [BareProxy.Command, var destination] => await BareProxy.RunAsync(destination, stop.Token),
        ["dashboard", .. var options] => await DashboardBench.RunAsync(CommandLine.Parse(options, "json"), stop.Token),
        ["telemetry", .. var options] => await TelemetryBench.RunAsync(CommandLine.Parse(options, "concurrency", "orders", "rounds", "json"), stop.Token),
        ["chaos", .. var options] => await ChaosCommand.RunAsync(CommandLine.Parse(options, "minutes", "seed"), stop.Token),
        _ => throw new UsageException(
            "usage: bench orders [--concurrency N] [--orders N] [--json FILE] | growth [--orders N] [--seen N] [--finished N] [--json FILE]"
            + " | gateway [--concurrency N] [--seconds N] [--json FILE] | dashboard [--json FILE] | telemetry [--concurrency N] [--orders N] [--rounds N] [--json FILE] | chaos [--minutes M] [--seed N]"),
    };
}
catch (UsageException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("stopped");
    return 130;
}

// The shop is ended in good order, whoever asks for it.
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
