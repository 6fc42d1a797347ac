using Shop.Users;
using Shop.Users.SignIn;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration(
    "ConnectionStrings:usersdb", "ConnectionStrings:messaging", "Seed:AdminPassword", "Seed:DemoPassword");
builder.AddServiceDatabase<UsersDbContext>("usersdb", new SeedUsers(builder.Configuration).AddAsync);
builder.AddMessaging<UsersDbContext>("messaging", MessageRoutes.Queues);
builder.AddTokenServer();
builder.Services.AddScoped<Accounts>();
builder.Services.AddQueryServer();
builder.Services.AddValidation();

var app = builder.Build();
app.UsePublicAddress();
app.MapDefaultEndpoints();
app.MapMessagingStatus().RequireAdmin();
app.MapUsers();
app.MapSignIn();
app.MapGrpcService<UserGrpcService>().RequireInternal();
app.Run();
