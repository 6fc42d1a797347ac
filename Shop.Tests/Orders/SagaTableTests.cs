using MassTransit;
using Shop.Orders.Saga;

namespace Shop.Tests.Orders;

/// <summary>The machine as a table: no pair of state and event is left to chance.</summary>
public sealed class SagaTableTests
{
    private static readonly OrderStateMachine Machine = new();

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var state in Machine.States.Where(state => state != Machine.Initial && state != Machine.Final))
            {
                foreach (var @event in Machine.Events.Where(@event => @event is { Name: not null } && !IsTransition(@event)))
                    pairs.Add(state.Name, @event.Name);
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Machine_EveryStateAndEvent_IsNamed(string state, string @event) =>
        Assert.Contains(@event, Machine.NextEvents(Machine.GetState(state)).Select(named => named.Name));

    [Fact]
    public void Machine_Pairs_AreAllStatesTimesAllEvents() => Assert.True(Pairs.Count >= 11 * 17, $"{Pairs.Count} pairs");

    /// <summary>Entering and leaving states are events too, which nobody sends.</summary>
    private static bool IsTransition(Event @event) => @event.Name.Contains('.', StringComparison.Ordinal) && !@event.Name.StartsWith("Timeout", StringComparison.Ordinal);
}
