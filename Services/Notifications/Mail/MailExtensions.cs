using Microsoft.Extensions.Options;
using Shop.Users.Grpc;

namespace Shop.Notifications.Mail;

internal static class MailExtensions
{
    /// <summary>Sends notifications by mail, by the server of <see cref="MailOptions.Host"/> or to a folder.</summary>
    public static void AddMail(this IServiceCollection services)
    {
        services.AddOptions<MailOptions>().BindConfiguration(MailOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddQueryClient<UserService.UserServiceClient>("users");
        services.AddSingleton<IAddressBook, AddressBook>();
        services.AddSingleton<IMailTransport>(provider => string.IsNullOrWhiteSpace(provider.GetRequiredService<IOptions<MailOptions>>().Value.Host)
            ? ActivatorUtilities.CreateInstance<PickupTransport>(provider)
            : ActivatorUtilities.CreateInstance<SmtpTransport>(provider));
        services.AddHostedService<MailSender>();
    }
}
