using Shop.Products;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration("ConnectionStrings:productsdb", "ConnectionStrings:messaging");
builder.AddServiceDatabase<ProductsDbContext>("productsdb", SeedCatalogue.AddAsync);
builder.AddMessaging<ProductsDbContext>("messaging", MessageRoutes.Queues);
builder.Services.AddScoped<Catalogue>();
builder.Services.AddQueryServer();
builder.Services.AddValidation();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMessagingStatus().RequireAdmin();
app.MapProducts();
app.MapGrpcService<ProductGrpcService>().RequireInternal();
app.Run();
