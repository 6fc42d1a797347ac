using Grpc.Core;
using Shop.Users.Grpc;

namespace Shop.Notifications.Mail;

/// <summary>Knows where customers are written to.</summary>
internal interface IAddressBook
{
    /// <summary>Nothing where there is no such customer any more.</summary>
    Task<Recipient?> FindAsync(Guid userId, CancellationToken cancellationToken);
}

/// <summary>Asks Users each time: no address is kept here, so none has to be corrected or erased.</summary>
internal sealed class AddressBook(UserService.UserServiceClient users) : IAddressBook
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<Recipient?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        try
        {
            var user = await users.GetUserAsync(
                new GetUserRequest { UserId = userId.ToString() }, deadline: DateTime.UtcNow + Patience, cancellationToken: cancellationToken);
            return new Recipient(user.Name, user.Email);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }
}
