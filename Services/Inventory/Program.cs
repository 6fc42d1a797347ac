using Shop.Inventory;
using Shop.Products.Grpc;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration("ConnectionStrings:inventorydb", "ConnectionStrings:messaging");
builder.AddServiceDatabase<InventoryDbContext>("inventorydb", SeedStock.AddAsync);
builder.AddMessaging<InventoryDbContext>("messaging", MessageRoutes.Queues);
builder.Services.AddQueryClient<ProductService.ProductServiceClient>("products");
builder.Services.AddScoped<StockReservations>();
builder.Services.AddHostedService<ReservationExpiry>();
builder.Services.AddValidation();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMessagingStatus().RequireAdmin();
app.MapInventory();
app.Run();
