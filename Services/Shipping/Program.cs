using Shop.Orders.Grpc;
using Shop.Shipping;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration("ConnectionStrings:shippingdb", "ConnectionStrings:messaging");
builder.AddServiceDatabase<ShippingDbContext>("shippingdb");
builder.AddMessaging<ShippingDbContext>("messaging", MessageRoutes.Queues);
builder.Services.AddQueryClient<OrderService.OrderServiceClient>("orders");
builder.Services.AddScoped<OrderShipments>();
builder.Services.AddValidation();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMessagingStatus().RequireAdmin();
app.MapShipments();
app.Run();
