using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using RabbitMQ.Client.Exceptions;
using Shop.Messaging.Operations;
using Shop.Orders.Saga;

namespace Shop.Orders.Operations;

/// <summary>What operators see and do: the dead letters of all services, and the sagas.</summary>
internal static class OperationsEndpoints
{
    /// <summary>How many messages of each queue are looked at.</summary>
    private const int MaxOfAQueue = 1000;

    /// <summary>After so many unanswered repeats somebody should look.</summary>
    private const int Patience = 5;

    public static void MapOperations(this IEndpointRouteBuilder endpoints)
    {
        var operations = endpoints.MapGroup("/api/v1/operations").WithTags("Operations").RequireAdmin();
        operations.MapGet("/messages", ListDeadLetters);
        operations.MapPost("/messages/{id}/redelivery", Redeliver);
        operations.MapPost("/queues/{queue}/redelivery", RedeliverAll);
        operations.MapGet("/redeliveries", ListRedeliveries);
        // The gateway asks for it and adds what the other services say of themselves.
        endpoints.MapGet("/operations/orders", GetOverview).RequireAdmin().ExcludeFromDescription();
    }

    private static async Task<Ok<Page<DeadLetterResponse>>> ListDeadLetters(
        [AsParameters] PageRequest page, DeadLetterOperations deadLetters, CancellationToken cancellationToken)
    {
        var letters = await deadLetters.ListAsync(MaxOfAQueue, cancellationToken);
        DeadLetter[] found =
        [
            .. letters
                .Where(letter => KeyOf(letter).CompareTo(page.Before) < 0)
                .OrderByDescending(KeyOf)
                .Take(page.Take),
        ];
        var (items, nextCursor) = page.ToPage(found, KeyOf);
        return TypedResults.Ok(new Page<DeadLetterResponse>([.. items.Select(DeadLetterResponse.From)], nextCursor));
    }

    private static async Task<Results<Ok<RedeliveryResponse>, ProblemHttpResult>> Redeliver(
        string id, ClaimsPrincipal user, DeadLetterOperations deadLetters, OrdersDbContext database, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (DeadLetterId.Parse(id) is not { } letter || !deadLetters.Knows(letter.Queue))
            return Problems.NotFound($"There is no dead letter {id}.");

        var redelivery = await RecordAsync(database, user, letter.Queue, letter.MessageId, clock, cancellationToken);
        redelivery.Redelivered = await deadLetters.RedeliverAsync(letter.Queue, letter.MessageId, cancellationToken) ? 1 : 0;
        await database.SaveChangesAsync(cancellationToken);
        return redelivery.Redelivered == 1 ? TypedResults.Ok(new RedeliveryResponse(1)) : Problems.NotFound($"There is no dead letter {id}.");
    }

    private static async Task<Results<Ok<RedeliveryResponse>, ProblemHttpResult>> RedeliverAll(
        string queue, ClaimsPrincipal user, DeadLetterOperations deadLetters, OrdersDbContext database, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!deadLetters.Knows(queue))
            return Problems.NotFound($"{queue} is not the error, skipped or dead-letter queue of any consumer.");

        var redelivery = await RecordAsync(database, user, queue, null, clock, cancellationToken);
        redelivery.Redelivered = await deadLetters.RedeliverAllAsync(queue, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(new RedeliveryResponse(redelivery.Redelivered.Value));
    }

    private static async Task<Ok<Page<RedeliveryRecordResponse>>> ListRedeliveries(
        [AsParameters] PageRequest page, OrdersDbContext database, CancellationToken cancellationToken)
    {
        var found = await database.MessageRedeliveries.AsNoTracking()
            .Where(redelivery => redelivery.Id < page.Before)
            .OrderByDescending(redelivery => redelivery.Id)
            .Take(page.Take)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(page.ToPage([.. found.Select(RedeliveryRecordResponse.From)], redelivery => redelivery.Id));
    }

    private static async Task<Ok<OrdersOverviewResponse>> GetOverview(
        OrdersDbContext database, DeadLetterOperations deadLetters, CancellationToken cancellationToken)
    {
        var sagas = await database.Sagas
            .GroupBy(saga => saga.CurrentState)
            .Select(state => new { Name = state.Key, Count = state.LongCount() })
            .ToDictionaryAsync(state => state.Name, state => state.Count, cancellationToken);
        var needAttention = await database.Sagas
            .Where(OrderState.IsWaiting)
            .Where(saga => saga.Repeats >= Patience)
            .OrderBy(saga => saga.CorrelationId)
            .Select(saga => saga.CorrelationId)
            .Take(100)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new OrdersOverviewResponse(sagas, needAttention, await CountAsync(deadLetters, cancellationToken)));
    }

    private static async Task<IReadOnlyDictionary<string, long>?> CountAsync(DeadLetterOperations deadLetters, CancellationToken cancellationToken)
    {
        try
        {
            return await deadLetters.CountAsync(cancellationToken);
        }
        catch (BrokerUnreachableException)
        {
            return null; // The sagas can be seen all the same.
        }
    }

    /// <summary>Before anything is sent: what was done must never be without its record.</summary>
    private static async Task<MessageRedelivery> RecordAsync(
        OrdersDbContext database, ClaimsPrincipal user, string queue, string? messageId, TimeProvider clock, CancellationToken cancellationToken)
    {
        var redelivery = new MessageRedelivery { AdministratorId = user.GetUserId(), Queue = queue, MessageId = messageId, At = clock.GetDatabaseNow() };
        database.Add(redelivery);
        await database.SaveChangesAsync(cancellationToken);
        return redelivery;
    }

    /// <summary>By message id, UUIDv7, so newest first; the same message in several queues is told apart by the queue.</summary>
    private static Guid KeyOf(DeadLetter letter)
    {
        Span<byte> key = stackalloc byte[16];
        if (Guid.TryParse(letter.MessageId, out var id))
            id.TryWriteBytes(key, bigEndian: true, out _);
        SHA256.HashData(Encoding.UTF8.GetBytes($"{letter.Queue} {letter.MessageId}")).AsSpan(..8).CopyTo(key[8..]);
        return new Guid(key, bigEndian: true);
    }
}
