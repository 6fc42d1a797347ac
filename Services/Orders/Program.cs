using MassTransit;
using Shop.Messaging.Sagas;
using Shop.Orders;
using Shop.Orders.Events;
using Shop.Orders.Operations;
using Shop.Orders.Saga;
using Shop.Products.Grpc;
using Shop.Users.Grpc;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration("ConnectionStrings:ordersdb", "ConnectionStrings:messaging");
builder.AddServiceDatabase<OrdersDbContext>("ordersdb");
builder.AddMessaging<OrdersDbContext>(
    "messaging",
    MessageRoutes.Queues,
    bus => bus.AddSagaStateMachine<OrderStateMachine, OrderState>().PostgresRepository(OrderStateMachine.OrderOf));
builder.Services.AddQueryClient<UserService.UserServiceClient>("users");
builder.Services.AddQueryClient<ProductService.ProductServiceClient>("products");
builder.Services.AddOptions<OrderTimeouts>().BindConfiguration("Orders:Timeouts").ValidateDataAnnotations().ValidateOnStart();
builder.Services.AddHostedService<SagaSampler>();
builder.Services.AddHostedService<SubmissionRepeater>();
builder.Services.AddScoped<Checkout>();
builder.Services.AddScoped<IdempotencyStore>();
builder.Services.AddHostedService<IdempotencyCleaner>();
builder.Services.AddOptions<OrderEventOptions>().BindConfiguration(OrderEventOptions.Section).ValidateDataAnnotations().ValidateOnStart();
builder.Services.AddSingleton<TimelineWatch>();
builder.Services.AddHostedService(services => services.GetRequiredService<TimelineWatch>());
builder.Services.AddScoped<OrderErasure>();
builder.Services.AddHostedService<OrderEraser>();
builder.Services.AddQueryServer();
builder.Services.AddValidation();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMessagingStatus().RequireAdmin();
app.MapOrders();
app.MapOrdersV2();
app.MapOrderEvents();
app.MapOperations();
app.MapGrpcService<OrderGrpcService>().RequireInternal();
app.Run();
