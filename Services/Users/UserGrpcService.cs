using Grpc.Core;
using Shop.Users.Grpc;

namespace Shop.Users;

/// <summary>What the other services ask of Users.</summary>
internal sealed class UserGrpcService(UsersDbContext database) : UserService.UserServiceBase
{
    public override async Task<Grpc.User> GetUser(GetUserRequest request, ServerCallContext context)
    {
        if (!Guid.TryParse(request.UserId, out var id))
            throw new RpcException(new Status(StatusCode.InvalidArgument, "user_id is not a UUID."));
        var user = await database.Users.FindAsync([id], context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"There is no user {id}."));
        return new Grpc.User { UserId = user.Id.ToString(), Name = user.Name, Active = true };
    }
}
