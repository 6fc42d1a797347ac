using Microsoft.AspNetCore.Identity;
using Shop.Users;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration("ConnectionStrings:usersdb", "Seed:AdminPassword", "Seed:DemoPassword");
builder.Services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
builder.AddServiceDatabase<UsersDbContext>("usersdb", new SeedUsers(builder.Configuration).AddAsync);
builder.Services.AddGrpc();
builder.Services.AddValidation();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapUsers();
app.MapGrpcService<UserGrpcService>();
app.Run();
