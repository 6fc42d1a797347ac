using Shop.Contracts;
using Shop.Orders.Saga;

namespace Shop.Tests.Orders;

/// <summary>
/// Orders on a hostile network: every message of the flow is delivered in random order, repeated, or redelivered long after it was lost;
/// the customer cancels and timeouts fire at random moments. Whatever happens, each order ends, once, in one right state.
/// </summary>
public sealed class RandomOrderTests(SagaHarness harness) : IClassFixture<SagaHarness>
{
    private const int Runs = 2000;
    private const int MostSteps = 400;
    private static readonly string[] Ends = ["Confirmed", "Shipped", "Delivered", "Cancelled"];

    [Fact]
    public async Task Order_OnAHostileNetwork_EndsInOneRightState()
    {
        var first = Random.Shared.Next();
        for (var seed = first; seed < first + Runs; seed++)
        {
            try
            {
                await RunAsync(new Random(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
        }
    }

    private async Task RunAsync(Random random)
    {
        var saga = harness.Begin();
        var order = saga.Order;
        var participants = new SimulatedParticipants(order.Id, order.Total, random);
        List<object> underWay = [new OrderSubmitted(order.Id, order.UserId, [])];
        List<object> facts = [];
        var cancellations = random.Next(3) == 0 ? random.Next(1, 3) : 0;
        var staleTimeouts = new List<Guid>();

        for (var step = 0; underWay.Count > 0 || !Ends.Contains(saga.CurrentState); step++)
        {
            Assert.True(step < MostSteps, $"stuck in {saga.CurrentState} with {underWay.Count} messages under way");
            if (saga.TimeoutToken is { } pending && (underWay.Count == 0 || random.Next(25) == 0))
            {
                staleTimeouts.Add(pending);
                await TellAsync(new StepTimedOut(order.Id), pending);
            }
            else if (staleTimeouts.Count > 0 && random.Next(40) == 0)
            {
                await TellAsync(new StepTimedOut(order.Id), staleTimeouts[random.Next(staleTimeouts.Count)]);
            }
            else if (cancellations > 0 && random.Next(8) == 0)
            {
                cancellations--;
                underWay.Add(new CancelOrder(order.Id));
            }
            else if (random.Next(10) == 0 && participants.Advance() is { } fact)
            {
                underWay.Add(fact);
            }
            else if (underWay.Count > 0)
            {
                await DeliverAsync(underWay[random.Next(underWay.Count)]);
            }
        }

        AssertInvariants(saga, participants, facts);

        async Task DeliverAsync(object message)
        {
            if (random.Next(6) != 0) // otherwise it comes once more, sometime
                underWay.Remove(message);
            if (message is ReserveStock or CommitStock or ReleaseStock or CapturePayment or RefundPayment or CreateShipment or CancelShipment)
                underWay.Add(participants.Handle(message));
            else
                await TellAsync(message, null);
        }

        async Task TellAsync(object message, Guid? timeoutToken)
        {
            foreach (var published in await harness.Tell(message, timeoutToken))
                (published is OrderConfirmed or OrderShipped or OrderDelivered or OrderCancelled ? facts : underWay).Add(published);
        }
    }

    private static void AssertInvariants(OrderState saga, SimulatedParticipants participants, List<object> facts)
    {
        var order = saga.Order;
        Assert.Equal(saga.CurrentState, order.Status.ToString());
        Assert.Equal(facts.Count, facts.Select(fact => fact.GetType()).Distinct().Count());
        var isLive = saga.CurrentState != "Cancelled";
        Assert.Equal(isLive ? "Committed" : null, participants.Stock is "Committed" or "Held" ? participants.Stock : null);
        Assert.Equal(isLive ? order.Total : 0, participants.Captured - participants.Refunded);
        Assert.Equal(isLive, participants.Shipment is "Created" or "Dispatched" or "Delivered");
        Assert.Equal(!isLive, facts.OfType<OrderCancelled>().Any());
        Assert.Equal(isLive || order.Timeline.Any(entry => entry.Step == nameof(OrderConfirmed)), facts.OfType<OrderConfirmed>().Any());
        Assert.Equal(saga.CurrentState is "Shipped" or "Delivered", facts.OfType<OrderShipped>().Any());
        Assert.Equal(saga.CurrentState is "Delivered", facts.OfType<OrderDelivered>().Any());
    }
}
