using System.Reflection;
using MassTransit;
using Shop.Contracts;
using Shop.Orders.Saga;

namespace Shop.Tests.Messaging;

/// <summary>The table of who must get what, against the consumers that there are.</summary>
public sealed class RoutesTests
{
    private static readonly KebabCaseEndpointNameFormatter Names = new(false);

    [Fact]
    public void MessageRoutes_OfEachMessage_NameExactlyItsConsumersQueues()
    {
        // What a service sends to itself alone is its own business.
        var real = Consumers().Concat(OrderSaga())
            .Where(route => route.Message.Assembly == typeof(MessageRoutes).Assembly)
            .Distinct()
            .GroupBy(route => route.Message)
            .ToDictionary(routes => routes.Key, routes => routes.Select(route => route.Queue).Order().ToArray());

        Assert.Equal(
            real.Select(Describe).Order(),
            MessageRoutes.Queues.Select(Describe).Order());
    }

    private static string Describe(KeyValuePair<Type, string[]> route) => $"{route.Key.Name}: {string.Join(", ", route.Value)}";

    private static IEnumerable<(Type Message, string Queue)> Consumers() =>
        from file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
        where File.Exists(Path.ChangeExtension(file, ".runtimeconfig.json"))
        let assembly = Assembly.LoadFrom(file)
        where assembly != typeof(RoutesTests).Assembly
        from type in assembly.GetTypes()
        where type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IConsumer))
        from consumed in type.GetInterfaces()
        where consumed.IsGenericType && consumed.GetGenericTypeDefinition() == typeof(IConsumer<>)
        select (consumed.GetGenericArguments()[0], QueueOf(type));

    private static string QueueOf(Type consumer) =>
        (string)typeof(RoutesTests).GetMethod(nameof(QueueOfConsumer), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(consumer).Invoke(null, null)!;

    private static string QueueOfConsumer<T>()
        where T : class, IConsumer => Names.Consumer<T>();

    private static IEnumerable<(Type Message, string Queue)> OrderSaga() =>
        from e in new OrderStateMachine().Events
        let type = e.GetType().GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(Event<>))
        where type is not null
        select (type.GetGenericArguments()[0], Names.Saga<OrderState>());
}
