using System.Text;
using MassTransit;
using Shop.Contracts;
using Shop.Orders.Saga;
using Shop.Tests.Architecture;

namespace Shop.Tests.Orders;

/// <summary>
/// The drawing in docs/patterns/saga-machine.md, made by walking the real machine: from each state, each event is told once, and where the
/// saga stands afterwards is drawn. (MassTransit's own graph joins all arrows of one event in one point, and so cannot tell them apart.)
/// </summary>
public sealed class SagaDrawingTests(SagaHarness harness) : IClassFixture<SagaHarness>
{
    private static readonly string Drawing = Path.Combine(Repository.Root, "docs", "patterns", "saga-machine.md");

    /// <summary>How to get to each state, by the shortest way.</summary>
    private static readonly Dictionary<string, string[]> Ways = new()
    {
        ["Submitted"] = [],
        ["ReservingStock"] = ["OrderSubmitted"],
        ["CapturingPayment"] = ["OrderSubmitted", "StockReserved"],
        ["CommittingStock"] = ["OrderSubmitted", "StockReserved", "PaymentCaptured"],
        ["ArrangingShipment"] = ["OrderSubmitted", "StockReserved", "PaymentCaptured", "StockCommitted"],
        ["Confirmed"] = ["OrderSubmitted", "StockReserved", "PaymentCaptured", "StockCommitted", "ShipmentCreated"],
        ["Shipped"] = ["OrderSubmitted", "StockReserved", "PaymentCaptured", "StockCommitted", "ShipmentCreated", "ShipmentDispatched"],
        ["Delivered"] = ["OrderSubmitted", "StockReserved", "PaymentCaptured", "StockCommitted", "ShipmentCreated", "ShipmentDispatched", "ShipmentDelivered"],
        ["CancellingShipment"] = ["OrderSubmitted", "StockReserved", "PaymentCaptured", "StockCommitted", "ShipmentCreated", "CancelOrder"],
        ["Cancelling"] = ["OrderSubmitted", "StockReserved", "CancelOrder"],
        ["Cancelled"] = ["CancelOrder"],
    };

    /// <summary>What happens only to a saga that has something behind it in the same state.</summary>
    private static readonly Dictionary<string, string[]> Before = new()
    {
        ["StepTimedOut"] = ["StepTimedOut"],
        ["StockReleased"] = ["PaymentRefunded"],
        ["PaymentRefunded"] = ["StockReleased"],
    };

    [Fact]
    public async Task Drawing_InTheDocs_ShowsTheMachineAsItIs()
    {
        Assert.Equal(
            harness.Machine.States.Select(state => state.Name).Except(["Initial", "Final"]).Order(), Ways.Keys.Order());
        var current = Draw(await WalkAsync());
        var file = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(Drawing));
        await File.WriteAllTextAsync(file, current, TestContext.Current.CancellationToken);

        Assert.True(
            File.Exists(Drawing) && (await File.ReadAllTextAsync(Drawing, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n") == current,
            $"The drawing is not of the machine as it is now. Take {file} over to {Drawing}.");
    }

    private async Task<SortedSet<(int From, string On, int To)>> WalkAsync()
    {
        string[] states = [.. Ways.Keys];
        string[] events = [.. Messages(Guid.Empty).Keys];
        var arrows = new SortedSet<(int, string, int)>();
        foreach (var state in states)
        {
            foreach (var @event in events)
            {
                foreach (var before in (string[][])[[], Before.GetValueOrDefault(@event, [])])
                {
                    var saga = harness.Begin();
                    foreach (var step in Ways[state].Concat(before))
                        await TellAsync(saga, step);
                    var from = saga.CurrentState;
                    await TellAsync(saga, @event);
                    if (saga.CurrentState != from)
                        arrows.Add((Array.IndexOf(states, from), @event, Array.IndexOf(states, saga.CurrentState)));
                }
            }
        }

        return arrows;
    }

    private Task<IReadOnlyList<object>> TellAsync(OrderState saga, string message) =>
        harness.Tell(Messages(saga.CorrelationId)[message], message == "StepTimedOut" ? saga.TimeoutToken ?? Guid.NewGuid() : null);

    private static Dictionary<string, object> Messages(Guid orderId) => ((object[])
    [
        new OrderSubmitted(orderId, orderId, []),
        new CancelOrder(orderId),
        new StockReserved(orderId),
        new StockReservationFailed(orderId, []),
        new PaymentCaptured(orderId, 39.98m, "EUR"),
        new PaymentFailed(orderId, "Declined"),
        new StockCommitted(orderId),
        new StockCommitFailed(orderId, []),
        new ShipmentCreated(orderId, orderId, "Harbour Parcel", "HP1"),
        new ShipmentFailed(orderId, "AddressRefused"),
        new ShipmentDispatched(orderId),
        new ShipmentDelivered(orderId),
        new ShipmentCancelled(orderId),
        new ShipmentCancelRefused(orderId),
        new PaymentRefunded(orderId, 0),
        new StockReleased(orderId),
        new StepTimedOut(orderId),
    ]).ToDictionary(message => message.GetType().Name);

    private static string Draw(SortedSet<(int From, string On, int To)> arrows)
    {
        string[] states = [.. Ways.Keys];
        var text = new StringBuilder("""
            # The order saga, drawn

            Made from the machine itself by `SagaDrawingTests`, which fails when this drawing is no longer current. What changes no state is not
            drawn: late and repeated messages, a step that is asked for once more, a cancellation that comes too late.

            ```mermaid
            stateDiagram-v2
                [*] --> Submitted

            """);
        foreach (var (between, on) in arrows.GroupBy(arrow => (arrow.From, arrow.To)).Select(same => (same.Key, same.Select(arrow => arrow.On))))
            text.Append("    ").Append(states[between.From]).Append(" --> ").Append(states[between.To]).Append(": ").AppendJoin(" / ", on).Append('\n');
        foreach (var end in (string[])["Delivered", "Cancelled"])
            text.Append("    ").Append(end).Append(" --> [*]\n");
        return text.Append("```\n").ToString();
    }
}
