using Shop.Orders.Grpc;
using Shop.Payments;
using Shop.Payments.Provider;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration("ConnectionStrings:paymentsdb", "ConnectionStrings:messaging");
builder.AddServiceDatabase<PaymentsDbContext>("paymentsdb");
builder.AddMessaging<PaymentsDbContext>("messaging", MessageRoutes.Queues);
builder.Services.AddSingleton<IPaymentProvider, SimulatedPaymentProvider>();
builder.Services.AddQueryClient<OrderService.OrderServiceClient>("orders");
builder.Services.AddScoped<OrderPayments>();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapPayments();
app.Run();
