using System.Reflection;
using MassTransit;

namespace Shop.Tests.Architecture;

/// <summary>What must hold for all consumers together: a queue is named after its consumer, and belongs to one service.</summary>
public sealed class ConsumerTests
{
    private static readonly Type[] Consumers =
        [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => File.Exists(Path.ChangeExtension(file, ".runtimeconfig.json")))
            .Select(Assembly.LoadFrom)
            .Where(assembly => assembly != typeof(ConsumerTests).Assembly)
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IConsumer)))];

    [Fact]
    public void Consumers_Found_AreAtLeastSeven() => Assert.True(Consumers.Length >= 7, string.Join(", ", Consumers.Select(type => type.Name)));

    [Fact]
    public void Consumer_OfAnyService_HasANameOfItsOwn() => Assert.Distinct(Consumers.Select(type => type.Name));
}
