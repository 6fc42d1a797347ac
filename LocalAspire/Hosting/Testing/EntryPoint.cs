using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Hosting.Testing;

/// <summary>Runs the program of an AppHost as far as <c>Build()</c>, and takes the builder from it.</summary>
#pragma warning disable CA1001 // The builder is handed to the test, which disposes it.
internal sealed class EntryPoint(Assembly assembly, string[] args)
#pragma warning restore CA1001
{
    private static readonly AsyncLocal<EntryPoint?> Running = new();
    private DistributedApplicationTestingBuilder.Builder? _builder;

    /// <summary>The program that the caller is part of; null outside tests.</summary>
    public static EntryPoint? Current => Running.Value;

    /// <exception cref="InvalidOperationException">The program ended without building an application.</exception>
    public DistributedApplicationTestingBuilder.Builder RunToBuild()
    {
        var main = assembly.EntryPoint ?? throw new InvalidOperationException($"{assembly.GetName().Name} is not a program.");
        Running.Value = this;
        try
        {
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? null : [args], null);
        }
        catch (HostAbortedException)
        {
            return _builder!;
        }
        finally
        {
            Running.Value = null;
        }
        throw new InvalidOperationException($"{assembly.GetName().Name} ended without calling Build() on a DistributedApplicationBuilder.");
    }

    public IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => _builder = new(new()
    {
        Args = [.. options.Args ?? [], .. args.Except(options.Args ?? [])],
        AssemblyName = assembly.GetName().Name,
        ProjectDirectory = options.ProjectDirectory,
    });
}
