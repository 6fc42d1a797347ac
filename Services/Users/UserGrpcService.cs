using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shop.Users.Grpc;

namespace Shop.Users;

/// <summary>What the other services ask of Users.</summary>
internal sealed class UserGrpcService(UsersDbContext database, Accounts accounts, TimeProvider clock) : UserService.UserServiceBase
{
    private const int Batch = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public override async Task<Grpc.User> GetUser(GetUserRequest request, ServerCallContext context)
    {
        if (!Guid.TryParse(request.UserId, out var id))
            throw new RpcException(new Status(StatusCode.InvalidArgument, "user_id is not a UUID."));
        var user = await database.Users.FindAsync([id], context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"There is no user {id}."));
        return ToMessage(user);
    }

    public override async Task<Grpc.User> CreateUser(Grpc.CreateUserRequest request, ServerCallContext context)
    {
        var checkedRequest = new CreateUserRequest(request.Email, request.Name, request.HasPhone ? request.Phone : null, request.Password);
        var errors = new List<ValidationResult>();
        if (!Validator.TryValidateObject(checkedRequest, new ValidationContext(checkedRequest), errors, validateAllProperties: true))
            throw new RpcException(new Status(StatusCode.InvalidArgument, string.Join(' ', errors.Select(error => error.ErrorMessage))));
        var user = await accounts.RegisterAsync(checkedRequest.Email, checkedRequest.Name, checkedRequest.Phone, checkedRequest.Password)
            ?? throw new RpcException(new Status(StatusCode.AlreadyExists, "An account with this e-mail address exists already."));
        return ToMessage(user);
    }

    public override async Task WatchUsers(WatchUsersRequest request, IServerStreamWriter<Grpc.UserChange> responseStream, ServerCallContext context)
    {
        var (transaction, change) = ParsePosition(request.Position);
        while (!context.CancellationToken.IsCancellationRequested)
        {
            var changes = await ReadChangesAsync(transaction, change, context.CancellationToken);
            var ids = changes.Select(c => c.UserId).Distinct().ToArray();
            var users = await database.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToDictionaryAsync(user => user.Id, context.CancellationToken);
            foreach (var next in changes)
            {
                (transaction, change) = (next.TransactionId, next.Id);
                await responseStream.WriteAsync(
                    new Grpc.UserChange
                    {
                        UserId = next.UserId.ToString(),
                        User = users.TryGetValue(next.UserId, out var user) ? ToMessage(user) : null,
                        Position = string.Create(CultureInfo.InvariantCulture, $"{transaction}.{change}"),
                    },
                    context.CancellationToken);
            }

            if (changes.Count < Batch)
                await Task.Delay(Pause, clock, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Only of transactions before which none is open any more: a change that is committed later never comes before one that has been told.
    /// </summary>
    private Task<List<UserChange>> ReadChangesAsync(ulong transaction, long change, CancellationToken cancellationToken) =>
        database.UserChanges
            .FromSql(
                $"""
                 SELECT * FROM user_changes
                 WHERE (transaction_id, id) > ({transaction.ToString(CultureInfo.InvariantCulture)}::xid8, {change})
                 AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
                 ORDER BY transaction_id, id LIMIT {Batch}
                 """)
            .AsNoTracking()
            .ToListAsync(cancellationToken);

    private static (ulong Transaction, long Change) ParsePosition(string position)
    {
        if (position.Length == 0)
            return (0, 0);
        return position.Split('.') is [var transaction, var change]
            && ulong.TryParse(transaction, CultureInfo.InvariantCulture, out var t)
            && long.TryParse(change, CultureInfo.InvariantCulture, out var c)
                ? (t, c)
                : throw new RpcException(new Status(StatusCode.InvalidArgument, "position is not one that a watch gave."));
    }

    private static Grpc.User ToMessage(User user) => new() { UserId = user.Id.ToString(), Name = user.Name, Active = user.IsActive, Email = user.Email ?? "" };
}
