using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Shop.Messaging;

/// <summary>One try of one message is one transaction: business rows and saga state commit together or not at all.</summary>
internal sealed class TransactionFilter<TMessage>(DbContext database) : IFilter<ConsumeContext<TMessage>>
    where TMessage : class
{
    public async Task Send(ConsumeContext<TMessage> context, IPipe<ConsumeContext<TMessage>> next)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(context.CancellationToken);
        await next.Send(context);
        await database.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("transaction");
}
