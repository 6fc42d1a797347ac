using Shop.Notifications;
using Shop.Notifications.Mail;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration("ConnectionStrings:notificationsdb", "ConnectionStrings:messaging");
builder.AddServiceDatabase<NotificationsDbContext>("notificationsdb");
builder.AddMessaging<NotificationsDbContext>("messaging", MessageRoutes.Queues);
builder.Services.AddScoped<Notifier>();
builder.Services.AddMail();
builder.Services.AddValidation();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMessagingStatus().RequireAdmin();
app.MapNotifications();
app.Run();
